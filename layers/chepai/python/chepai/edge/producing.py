"""Having plates and papers made: one order at a time, the next one only when the last failed."""

from dataclasses import dataclass
from typing import Self

from chepai.domain.application import Application
from chepai.domain.facts import FactKind
from chepai.domain.life_cycle import Status
from chepai.domain.waiting import parcels
from chepai.edge.casework import Casework
from chepai.edge.step import Task
from chepai.edge.waiting_room import WaitingRoom


@dataclass(frozen=True)
class Producing:
    """The adapters that an order takes."""

    room: WaitingRoom
    casework: Casework

    @classmethod
    def from_env(cls) -> Self:
        room = WaitingRoom.from_env()
        return cls(room, Casework(room.applications, room.cities))

    def make(self, task: Task) -> str | None:
        before = self.casework.open(task)
        if before.orders == 0 or self._must_be_made_again(before):
            before = self.casework.move(
                before,
                Status.IN_PRODUCTION,
                by=task.actor,
                act="ordered" if before.orders == 0 else "ordered_again",
                orders=before.orders + 1,
            )
        return self.room.wait(task, before)

    def _must_be_made_again(self, application: Application) -> bool:
        """The order at work failed, or its parcel is lost; asked again, the answer is the same."""
        order_no = application.order_no
        made = [
            fact
            for kind in (FactKind.PLATES, FactKind.PAPERS)
            for fact in self.room.facts.of_kind(application.subject, kind)
        ]
        failed = any(f.says["order_no"] == order_no and f.says["result"] == "FAILED" for f in made)
        sent = self.room.facts.of_kind(application.subject, FactKind.DELIVERY)
        lost = any(f.says["state"] == "LOST" for f in parcels(sent, order_no).values())
        return failed or lost
