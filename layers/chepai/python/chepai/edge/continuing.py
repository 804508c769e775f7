"""Going on at a counter: a short code opens the case there, with all that was done kept."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.life_cycle import Act, Status
from chepai.domain.refusals import CounterCodeUnknown
from chepai.edge.acting import Acting
from chepai.edge.api import Answer, Call
from chepai.edge.clock import now
from chepai.edge.texts import say_in_both
from chepai.edge.views import Texts
from chepai.records.applications import Applications

LASTS = timedelta(hours=24)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10
"""Fifty bits: nobody meets another person's code by trying within a day."""


class CounterCode(Answer):
    """Shown at any counter until its time is over."""

    location: str
    code: str
    until: str
    text: Texts


@dataclass(frozen=True)
class Continuing:
    """The adapters that a counter code takes."""

    acting: Acting

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env())

    def make(self, call: Call[Any]) -> CounterCode:
        """A new code; an earlier one of the case is worth nothing from now on."""
        until: list[datetime] = []

        def work(before: Application, at: datetime) -> Application:
            code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
            until[:] = [at + LASTS]
            applications = self.acting.casework.applications
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(),
                act="counter_code_made",
                at=at,
                also=[applications.naming(code, before.application_id, until[0])],
                counter_code=code,
            )

        after = self.acting.own(call, Act.CONTINUE_AT_COUNTER, work)
        return CounterCode(
            location=f"/v1/applications/{after.application_id}",
            code=after.counter_code,
            until=until[0].isoformat(timespec="seconds").replace("+00:00", "Z"),
            text=say_in_both("notices", "counter_code_made"),
        )


def case_behind(code: str, applications: Applications) -> Application:
    """The case that a code opens. Raises CounterCodeUnknown."""
    normal = code.strip().upper().replace("-", "").replace("O", "0").replace("I", "1")
    application_id = applications.named(normal, now()) if len(normal) == _LENGTH else None
    if application_id is None:
        raise CounterCodeUnknown
    application = applications.read(application_id)
    if application.counter_code != normal:
        raise CounterCodeUnknown
    return application
