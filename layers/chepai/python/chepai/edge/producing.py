"""Having plates and papers made: one order at a time, the next one only when the last failed."""

from dataclasses import dataclass
from typing import Self

from chepai.domain.application import Application
from chepai.domain.attribution import of_fact
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
        failed = self._failed(before)
        if before.orders == 0 or failed:
            before = self.casework.move(
                before,
                Status.IN_PRODUCTION,
                by=task.actor,
                act="ordered" if before.orders == 0 else "ordered_again",
                told={"responsible": {each.value: of_fact(each) for each in failed}}
                if failed
                else None,
                orders=before.orders + 1,
            )
        return self.room.wait(task, before)

    def _failed(self, application: Application) -> list[FactKind]:
        """What went wrong with the order at work; asked again, the answer is the same."""
        order_no = application.order_no
        failed = [
            kind
            for kind in (FactKind.PLATES, FactKind.PAPERS)
            for fact in self.room.facts.of_kind(application.subject, kind)
            if fact.says["order_no"] == order_no and fact.says["result"] == "FAILED"
        ]
        sent = self.room.facts.of_kind(application.subject, FactKind.DELIVERY)
        lost = any(f.says["state"] == "LOST" for f in parcels(sent, order_no).values())
        return failed + [FactKind.DELIVERY] * lost
