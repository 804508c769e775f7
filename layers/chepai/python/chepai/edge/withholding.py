"""A question that may not be put: its case waits on a clerk's desk, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from chepai.domain.ledger import SYSTEM, Actor
from chepai.domain.life_cycle import Status, queue_of
from chepai.edge.casework import Casework

# Nobody waits for an answer to these: a text, a notice to those who know the car already.
NOTICES = frozenset(
    {
        "sms.ordered",
        "letter.ordered",
        "call.ordered",
        "plate.assigned",
        "data_error.reported",
        "request.cancelled",
        "answer.overdue",
    }
)
_BY = Actor(role=SYSTEM, id="ask_partner")


@dataclass(frozen=True)
class Withholding:
    """The adapters that it takes to say so."""

    casework: Casework

    @classmethod
    def from_env(cls) -> Self:
        return cls(Casework.from_env())

    def note(self, asked: Mapping[str, Any], because: str) -> None:
        """Put the case on a clerk's desk, once; the sweeper asks again until it may be asked."""
        application_id = str(asked.get("application_id", ""))
        if not application_id or asked["type"] in NOTICES:
            return
        case = self.casework.applications.read(application_id)
        if case.stuck_because or queue_of(Status(case.status)) is None:
            return
        self.casework.move(
            case,
            Status(case.status),
            by=_BY,
            act="not_asked",
            stuck=True,
            stuck_because=f"{because}:{asked['type']}",
        )
