"""Withdrawing: until registration everything is undone; after it there is only forward."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.facts import FactKind
from chepai.domain.ledger import Actor
from chepai.domain.life_cycle import Act, Status
from chepai.edge.acting import Acting
from chepai.edge.api import Call
from chepai.records.table import Write


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
            who = call.caller.person_id
            return withdrawn(self.acting, before, at, who, by=call.caller.actor())

        own = self.acting.read_own(call)
        if own.ending == Status.WITHDRAWN:
            return own
        return self.acting.own(call, Act.WITHDRAW, work)


def withdrawn(
    acting: Acting,
    before: Application,
    at: datetime,
    who: str,
    *,
    by: Actor,
    act: str = "withdrawal_asked",
    told: Mapping[str, Any] | None = None,
    also: Sequence[Write] = (),
) -> Application:
    """The case marked as stopped, with the fact by which `who` wakes its machine for the way back.

    All in one transaction, with `also`. Raises VersionConflict, or ConditionFailed for `also`.
    """
    said = acting.says(before, FactKind.WITHDRAWAL, at, who, result="WITHDRAWN")
    return acting.casework.move(
        before,
        Status(before.status),
        by=by,
        act=act,
        at=at,
        told=told,
        also=[said, *also],
        ending=Status.WITHDRAWN.value,
    )
