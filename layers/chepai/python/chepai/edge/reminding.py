"""Reminding whoever is late: ask again without doing twice, one rank higher each time."""

from dataclasses import dataclass
from typing import Self

from chepai.domain.life_cycle import Status
from chepai.edge.casework import Casework
from chepai.edge.step import Task
from chepai.edge.waiting_room import WaitingRoom

REMINDERS_BEFORE_A_CLERK = 3


@dataclass(frozen=True)
class Reminding:
    """The adapters a reminder takes."""

    room: WaitingRoom
    casework: Casework

    @classmethod
    def from_env(cls) -> Self:
        room = WaitingRoom.from_env()
        return cls(room, Casework(room.applications, room.cities))

    def of(self, step: str, task: Task) -> str:
        """Repeat the question of a waiting state, and put the case a rank higher."""
        application = self.casework.open(task)
        rank = application.escalation + 1
        for wait in self.room.parked(application, [step]):
            if self.room.ask_again(wait, application, nth=rank):
                break
        self.casework.move(
            application,
            Status(application.status),
            by=task.actor,
            act="reminded",
            stuck=rank >= REMINDERS_BEFORE_A_CLERK,
            escalation=rank,
        )
        return "reminded"
