"""Waking: a new fact answers the states that wait for it, by the rules of those states."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from chepai.domain.facts import FactKind
from chepai.domain.waiting import STEPS_OF_SERVICE
from chepai.edge import tokens
from chepai.edge.observing import tell
from chepai.edge.waiting_room import WaitingRoom
from chepai.records.table import unpack


@dataclass(frozen=True)
class Waking:
    """The adapters that waking takes."""

    room: WaitingRoom

    @classmethod
    def from_env(cls) -> Self:
        return cls(WaitingRoom.from_env())

    def by(self, keys: Mapping[str, Any]) -> None:
        """`keys` are those of a new row of the facts, as a stream hands them over."""
        row = unpack(keys)
        subject, kind = row["subject"], FactKind(row["version_key"].split("#")[0])
        if kind is FactKind.WITHDRAWAL:
            self._withdraw(subject.removeprefix("application#"))
            return
        for wait in self.room.waits.waiting(subject, kind):
            outcome = self.room.wake(wait)
            tell(
                "woken",
                application_id=wait.application_id,
                step=wait.step,
                outcome=outcome or "still_waiting",
            )

    def _withdraw(self, application_id: str) -> None:
        """Every waiting state of the case learns that it was stopped."""
        application = self.room.applications.read(application_id)
        for wait in self.room.parked(application, STEPS_OF_SERVICE[application.service]):
            if wait.step != "refund_fee":
                tokens.fail(wait.token, "Withdrawn")
