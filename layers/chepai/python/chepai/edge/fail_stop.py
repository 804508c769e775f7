"""Nothing is registered that cannot be proven: without a sealed ledger the register is not asked.

The case waits with an operator and says why; its state tries again by itself (X-Road's rule).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from chepai.domain.application import Application
from chepai.domain.life_cycle import SEALING_STOPPED, Status
from chepai.edge.casework import Casework
from chepai.edge.clock import now
from chepai.edge.observing import count
from chepai.edge.step import SealingStopped, Task
from chepai.edge.waiting_room import WaitingRoom
from chepai.records.seals import Seals


@dataclass(frozen=True)
class AskingTheRegister:
    """The adapters of a step that asks the national register for a case."""

    casework: Casework
    room: WaitingRoom
    seals: Seals

    @classmethod
    def from_env(cls) -> Self:
        room = WaitingRoom.from_env()
        return cls(Casework(room.applications, room.cities), room, Seals.from_env())

    def ask(self, task: Task) -> str | None:
        """Ask, and wait for the answer. Raises SealingStopped before the first question only."""
        before = self.casework.open(task)
        if before.status != Status.REGISTERING:
            self._must_be_sealed(before, task)
            before = self.casework.move(
                before, Status.REGISTERING, by=task.actor, act="register_asked"
            )
        return self.room.wait(task, before)

    def _must_be_sealed(self, before: Application, task: Task) -> None:
        if not self._too_long_ago(before):
            return
        count("RegistrationsHeld", 1)
        if before.stuck_because != SEALING_STOPPED:
            self.casework.move(
                before,
                Status(before.status),
                by=task.actor,
                act="register_held",
                stuck_because=SEALING_STOPPED,
            )
        raise SealingStopped

    def _too_long_ago(self, before: Application) -> bool:
        """Whether nothing was sealed for longer than the city's limit; one read."""
        limit = self.casework.profile(before).sealing.stop_after_minutes
        head = self.seals.head()
        # Where nothing was ever sealed, the case's own first entry has waited since it was filed.
        last = head.sealed_at or head.began if head else before.submitted_at
        return now() - datetime.fromisoformat(last) > timedelta(minutes=limit)
