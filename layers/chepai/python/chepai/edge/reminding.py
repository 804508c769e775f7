"""Reminding whoever is late: ask again without doing twice, one rank higher each time."""

from dataclasses import dataclass
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.life_cycle import Status
from chepai.edge.casework import Casework
from chepai.edge.chasing import Chasing
from chepai.edge.clock import now
from chepai.edge.step import Task
from chepai.edge.waiting_room import WaitingRoom

REMINDERS_BEFORE_A_CLERK = 3
OVERDUE = "Overdue"
# A machine that reminds every two minutes would use up its events within days: its patience
# doubles each time, up to this.
LONGEST_SECONDS = 4 * 3600
SHORTEST_SECONDS = 60


@dataclass(frozen=True)
class Reminding:
    """The adapters a reminder takes."""

    room: WaitingRoom
    casework: Casework

    @classmethod
    def from_env(cls) -> Self:
        room = WaitingRoom.from_env()
        return cls(room, Casework(room.applications, room.cities))

    def of(self, step: str, task: Task) -> dict[str, Any]:
        """Repeat the question of a waiting state, and put the case a rank higher.

        The answer goes on in place of the machine's own input, with a longer patience. Limits are
        chased here too, so that they hold while the sweeper does not run.
        """
        application = self.casework.open(task)
        rank = application.escalation + 1
        for wait in self.room.parked(application, [step]):
            if self.room.ask_again(wait, application, nth=rank):
                break
        overdue = rank >= REMINDERS_BEFORE_A_CLERK
        after = self.casework.move(
            application,
            Status(application.status),
            by=task.actor,
            act="reminded",
            stuck=overdue,
            escalation=rank,
            stuck_because=application.stuck_because or (OVERDUE if overdue else ""),
        )
        after = Chasing(self.room, self.casework).chase(after, now(), by=task.actor)
        return {
            "outcome": "reminded",
            "application_id": task.application_id,
            "run": task.run,
            "patience": self._patience(step, after),
        }

    def _patience(self, step: str, application: Application) -> dict[str, int]:
        """How long each wait may last from here on; this one up to the next step of a limit."""
        patience = self.casework.profile(application).patience.of_steps()
        own = patience[step]
        grown = min(own * 2 ** min(application.escalation, 16), max(own, LONGEST_SECONDS))
        if step_at := Chasing(self.room, self.casework).next_at(application):
            until = int((step_at - now()).total_seconds())
            grown = min(grown, max(until, SHORTEST_SECONDS))
        return patience | {step: grown}
