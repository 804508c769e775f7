"""Waking: a new fact answers the states that wait for it, by the rules of those states."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from chepai.domain.facts import FactKind
from chepai.domain.refusals import ApplicationUnknown
from chepai.edge.casework import notice
from chepai.edge.observing import tell
from chepai.edge.waiting_room import WaitingRoom
from chepai.partners.directory import SECOND_MESSAGE_GATEWAY, USUAL
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
            application_id = subject.removeprefix("application#")
            self.room.withdraw(self.room.applications.read(application_id))
            return
        if kind is FactKind.MESSAGE:
            self._send_by_another(subject)
            return
        for wait in self.room.waits.waiting(subject, kind):
            outcome = self.room.wake(wait)
            tell(
                "woken",
                application_id=wait.application_id,
                step=wait.step,
                outcome=outcome or "still_waiting",
            )

    def _send_by_another(self, subject: str) -> None:
        """A text that the first supplier could not deliver goes through the second one."""
        said = self.room.facts.newest(subject, FactKind.MESSAGE)
        if said is None or said.says["result"] != "FAILED":
            return
        if said.says["supplier"] == USUAL["message_gateway"]:
            try:
                application = self.room.applications.read(str(said.says["application_id"]))
            except ApplicationUnknown:
                # The supplier named a case that is not: told again, it would still not be.
                return
            template, message_id = str(said.says["template"]), subject.removeprefix("message#")
            self.room.questions.ask(
                notice(application, template, message_id, SECOND_MESSAGE_GATEWAY)
            )
