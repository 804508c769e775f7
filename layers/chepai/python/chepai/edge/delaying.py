"""Telling a person of an investigation later: only on a paper of a court or the police.

The audit administrator holds the paper and enters its number and its end; whoever investigates
cannot. The entry is in the ledger, so that every delay can be checked afterwards.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from chepai.domain.disclosure import DELAYED, ENDED, holds
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.edge.api import Answer, Body, Call, NoBody
from chepai.edge.clock import now
from chepai.edge.disclosing import reader
from chepai.edge.ids import new_id
from chepai.edge.referring import names_nobody
from chepai.records.accesses import Accesses, delays_of
from chepai.records.applications import stamp
from chepai.records.cities import Cities

_PERSON = re.compile(r"per_[0-9A-HJKMNP-TV-Z]{26}")


class Paper(Body):
    """By whom and under which number a later telling was asked for, and for how many days."""

    authority: Literal["COURT", "POLICE"]
    reference: Annotated[
        str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{3,39}$"), AfterValidator(names_nobody)
    ]
    days: Annotated[int, Field(ge=1)]


class Delay(Answer):
    """A delay: readings for an investigation that name `hold` are told after `until`."""

    location: str
    hold: str
    until: str


@dataclass(frozen=True)
class Delaying:
    """The adapters that a delay takes."""

    book: Accesses

    @classmethod
    def from_env(cls) -> Self:
        return cls(Accesses())

    @cached_property
    def cities(self) -> Cities:
        # Only a new paper is held against the city's longest delay.
        return Cities.from_env()

    def enter(self, call: Call[Paper]) -> Delay:
        """Enter a paper. Raises OwnCase, FieldInvalid for more days than the profile allows."""
        call.caller.must_not_be(call.path["person_id"])
        most = self.cities.current().privacy.delay_days
        if call.body.days > most:
            raise FieldInvalid(FieldProblem("days", "out_of_range"))
        until = now() + timedelta(days=call.body.days)
        return self._entered(call, new_id("hold"), until)

    def end(self, call: Call[NoBody]) -> Delay:
        """End a delay now; its readings are told from here on. Raises OwnCase, FieldInvalid."""
        call.caller.must_not_be(call.path["person_id"])
        hold_id, person_id = call.path["hold"], call.path["person_id"]
        known = {each.hold_id: each for each in holds(self.book.delays(person_id))}
        if hold_id not in known:
            raise FieldInvalid(FieldProblem("hold", "not_a_choice"))
        self.book.append_to(delays_of(person_id), ENDED, {"hold": hold_id}, actor=reader(call))
        return _delay(person_id, hold_id, now())

    def _entered(self, call: Call[Paper], hold_id: str, until: datetime) -> Delay:
        if not _PERSON.fullmatch(call.path["person_id"]):
            # What stands in a chain's name stands in the ledger for ever.
            raise FieldInvalid(FieldProblem("person_id", "malformed"))
        said = {
            "hold": hold_id,
            "authority": call.body.authority,
            "reference": call.body.reference,
            "until": stamp(until),
        }
        person_id = call.path["person_id"]
        self.book.append_to(delays_of(person_id), DELAYED, said, actor=reader(call))
        return _delay(person_id, hold_id, until)


def _delay(person_id: str, hold_id: str, until: datetime) -> Delay:
    return Delay(
        location=f"/v1/staff/persons/{person_id}/disclosure-delays/{hold_id}",
        hold=hold_id,
        until=stamp(until),
    )
