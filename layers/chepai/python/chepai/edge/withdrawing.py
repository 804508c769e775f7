"""Withdrawing: until registration everything is undone; after it there is only forward."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.facts import FactKind
from chepai.domain.life_cycle import Act, Status
from chepai.edge.acting import Acting
from chepai.edge.api import Call


@dataclass(frozen=True)
class Withdrawing:
    """The adapters that a withdrawal takes."""

    acting: Acting

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env())

    def withdraw(self, call: Call[Any]) -> Application:
        """Mark the case as stopped and wake its machine; asked again, it is the same withdrawal.

        Raises TooLate or BeingRegistered, with what is possible instead.
        """

        def work(before: Application, at: datetime) -> Application:
            by = call.caller.person_id
            said = self.acting.says(before, FactKind.WITHDRAWAL, at, by, result="WITHDRAWN")
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(),
                act="withdrawal_asked",
                at=at,
                also=[said],
                ending=Status.WITHDRAWN.value,
            )

        own = self.acting.read_own(call)
        if own.ending == Status.WITHDRAWN:
            return own
        return self.acting.own(call, Act.WITHDRAW, work)
