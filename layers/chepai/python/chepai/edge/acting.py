"""An act of a person on a case: may it be done now, and done again when another was quicker."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.facts import FactKind
from chepai.domain.life_cycle import Act, Status, refusal_of
from chepai.domain.profile import CityProfile
from chepai.domain.refusals import (
    ApplicationUnknown,
    FieldInvalid,
    FieldProblem,
    NotWaitingForThis,
    PreconditionFailed,
    VersionConflict,
)
from chepai.edge.api import Call
from chepai.edge.casework import Casework
from chepai.edge.clock import now
from chepai.edge.disclosing import ROW, Disclosing
from chepai.records.applications import Applications
from chepai.records.facts import Facts
from chepai.records.table import ConditionFailed, TryAgain, Write

TRIES = 3

Work = Callable[[Application, datetime], Application]


@dataclass(frozen=True)
class Acting:
    """The adapters that an act of a person takes; the case's own facts wake its machine."""

    casework: Casework

    @classmethod
    def from_env(cls) -> Self:
        return cls(Casework.from_env())

    @cached_property
    def facts(self) -> Facts:
        # Only acts that wake a machine, or rest on what agencies said, know where facts are.
        return Facts.from_env()

    def own(self, call: Call[Any], act: Act, work: Work) -> Application:
        """The caller's own case after the act; a foreign one looks like an unknown one."""
        return self._done(lambda: self.read_own(call), act, work)

    def noted(self, call: Call[Any], act: Act, word: str, **changes: Any) -> Application:
        """The caller's own case with attributes changed, where nothing else follows from them."""

        def work(before: Application, at: datetime) -> Application:
            by, status = call.caller.actor(), Status(before.status)
            return self.casework.move(before, status, by=by, act=word, at=at, **changes)

        return self.own(call, act, work)

    def any(self, call: Call[Any], act: Act, work: Work) -> Application:
        """The same for staff, whose role opens every case of the city but their own.

        The work writes `seen` with its own changes. Raises OwnCase.
        """

        def read() -> Application:
            before = self.casework.applications.read(call.application_id)
            call.caller.must_not_be(before.person_id)
            return before

        return self._done(read, act, work)

    def seen(self, call: Call[Any], before: Application, purpose: str) -> Write:
        """That the caller sees the case as the act leaves it, for the act's own transaction.

        Entered afterwards, an act could be done and its answer refused. Raises OwnCase.
        """
        return Disclosing().entering(call, before, purpose, ROW)

    def read_own(self, call: Call[Any]) -> Application:
        return read_own(call, self.casework.applications)

    def profile(self, application: Application) -> CityProfile:
        return self.casework.profile(application)

    @staticmethod
    def moment() -> datetime:
        return now()

    def says(
        self, application: Application, kind: FactKind, at: datetime, by: str, **says: Any
    ) -> Write:
        """An act as a fact about the case, for the act's own transaction."""
        return self.facts.appending(application.subject, kind, says, at=at, by=by)

    def _done(self, read: Callable[[], Application], act: Act, work: Work) -> Application:
        for _ in range(TRIES):
            before = read()
            may_act(before, act)
            try:
                return work(before, now())
            except (VersionConflict, ConditionFailed, TryAgain):
                # Somebody changed the case in between: look again whether the act still fits.
                continue
        raise VersionConflict


def read_own(call: Call[Any], applications: Applications) -> Application:
    """The caller's own case, or one that an agent may act in. Raises ApplicationUnknown."""
    found = applications.read_own(call.application_id, call.caller.person_id)
    if not call.caller.covers(found.service):
        raise ApplicationUnknown
    return found


def must_be_as_read(application: Application, call: Call[Any], version: int | None) -> None:
    """Hold a decision to the version that was read: `version` of its body, If-Match, or both.

    Raises PreconditionFailed, VersionConflict, or FieldInvalid when neither is said.
    """
    if call.if_match is None and version is None:
        raise FieldInvalid(FieldProblem("version", "missing"))
    if call.if_match not in {None, application.version}:
        raise PreconditionFailed
    if version not in {None, application.version}:
        raise VersionConflict


def may_act(application: Application, act: Act) -> None:
    """Raise the refusal that an act meets now, with what is possible instead."""
    if application.ending and application.status != application.ending:
        # The way back has begun: nothing but its end is possible.
        raise NotWaitingForThis(status=application.ending, act=act, possible="")
    if refusal := refusal_of(Status(application.status), act):
        raise refusal
