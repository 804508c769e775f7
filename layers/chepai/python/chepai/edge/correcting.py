"""Putting right: the owner's own entries in place, and "back and check again" for the agencies'."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from chepai.domain import own_entries
from chepai.domain.application import Application
from chepai.domain.attribution import of_fact
from chepai.domain.facts import FactKind
from chepai.domain.life_cycle import Act, Status
from chepai.domain.refusals import (
    FieldInvalid,
    FieldProblem,
    OnlyDisputable,
    TooManyRequests,
)
from chepai.domain.waiting import STEPS_OF_SERVICE, case_of
from chepai.edge.acting import Acting
from chepai.edge.api import Call
from chepai.edge.texts import codes
from chepai.edge.waiting_room import WaitingRoom

OWN: Mapping[str, Mapping[str, frozenset[str]]] = {
    "new_car": {"use_character": frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")},
    "certificate_reissue": {"reason": frozenset(own_entries.REISSUE_REASONS)},
}
"""What an owner states in each service, and the words there are for it."""

PAUSE = timedelta(seconds=30)
"""Agencies are not asked faster than this, however often a button is pressed."""


@dataclass(frozen=True)
class Correcting:
    """The adapters that a correction takes."""

    acting: Acting

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env())

    def correct(self, call: Call[Any], entries: Mapping[str, str]) -> Application:
        """Change own entries; what was signed over the old ones has to be signed again.

        Raises OnlyDisputable for what an agency supplied, FieldInvalid with everything wrong.
        """

        def work(before: Application, at: datetime) -> Application:
            _must_be_own(before.service, entries)
            after = {**before.entries, **entries}
            if after == dict(before.entries):
                return before
            if before.status == Status.AWAITING_OWNER:
                _must_fit(replace(before, entries=after))
            by = call.caller.person_id
            said = self.acting.says(before, FactKind.CORRECTION, at, by, result="CORRECTED")
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(),
                act="corrected",
                at=at,
                also=[said],
                told={"responsible": {FactKind.CORRECTION.value: of_fact(FactKind.CORRECTION)}},
                entries=after,
                signed={},
            )

        return self.acting.own(call, Act.CORRECT, work)


@dataclass(frozen=True)
class CheckingAgain:
    """The adapters that checking again takes."""

    acting: Acting
    room: WaitingRoom

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env(), WaitingRoom.from_env())

    def check(self, call: Call[Any]) -> Application:
        """Let the machine look again, and repeat every question that is still open."""

        def work(before: Application, at: datetime) -> Application:
            last = self.acting.facts.newest(before.subject, FactKind.CORRECTION)
            if last is not None and at - last.received_at < PAUSE:
                raise TooManyRequests(seconds=int(PAUSE.total_seconds()))
            by = call.caller.person_id
            said = self.acting.says(before, FactKind.CORRECTION, at, by, result="CHECK_AGAIN")
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(),
                act="checked_again",
                at=at,
                also=[said],
            )

        after = self.acting.own(call, Act.CHECK_AGAIN, work)
        parked = self.room.parked(after, STEPS_OF_SERVICE[after.service])
        for wait in {each.step: each for each in parked}.values():
            self.room.ask_again(wait, after, nth=after.version)
        return after


def _must_be_own(service: str, entries: Mapping[str, str]) -> None:
    own = OWN[service]
    theirs = [name for name in entries if name not in own and f"field.{name}" in codes("reasons")]
    if theirs:
        raise OnlyDisputable(field=theirs[0])
    wrong = [
        FieldProblem(name, "unknown_field" if name not in own else "not_a_choice")
        for name, value in entries.items()
        if value not in own.get(name, ())
    ]
    if wrong or not entries:
        raise FieldInvalid(*(wrong or [FieldProblem("entries", "missing")]))


def _must_fit(application: Application) -> None:
    """A case that waits for its owner's hand is not weighed again: it has to fit at once."""
    found = own_entries.judge(case_of(application, {}))
    if found:
        raise FieldInvalid(*(FieldProblem(each.field or "entries", each.code) for each in found))
