"""Asking a person to look again at what the rules refused (PIPL Art. 24)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.life_cycle import Act, Status
from chepai.domain.review import asked, is_asked
from chepai.edge.acting import Acting
from chepai.edge.api import Call
from chepai.records.applications import stamp


@dataclass(frozen=True)
class Appealing:
    """The adapters that asking for a review takes; another function decides it."""

    acting: Acting

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env())

    def ask(self, call: Call[Any]) -> Application:
        """Put the case before a reviewer; asked again, it is the same review."""

        def work(before: Application, at: datetime) -> Application:
            # An open case's machine goes on waiting meanwhile; one that has ended stays ended
            # until a reviewer reverses it.
            return self.acting.casework.move(
                before,
                Status.REVIEWING,
                by=call.caller.actor(),
                act="review_asked",
                at=at,
                review=asked(before.review, at=stamp(at)),
            )

        own = self.acting.read_own(call)
        return own if is_asked(own) else self.acting.own(call, Act.ASK_REVIEW, work)
