"""Close relatives of a person who died come to the counter (PIPL Art. 49).

The clerk sees their documents and enters what they ask; a supervisor decides. Finding a person by
ID number has a budget an hour and one answer for "unknown" and "alive", so that nobody can search.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chepai.domain import personal_data, resident_id
from chepai.domain.data_requests import ERASED_WHEN_GRANTED, Kind, Outcome, Relation, State
from chepai.domain.facts import FactKind, about_person
from chepai.domain.refusals import DeceasedUnknown, TooManyRequests
from chepai.edge.api import Body, Call
from chepai.edge.blind import Blind
from chepai.edge.clock import now
from chepai.edge.data_requests import OnDuty, Requests, on_duty
from chepai.edge.disclosing import Disclosing, reader
from chepai.edge.ids import derived_id
from chepai.edge.my_accesses import due_on
from chepai.records.applications import Applications, stamp
from chepai.records.cities import Cities
from chepai.records.data_requests import DataRequests
from chepai.records.facts import Facts
from chepai.records.people import People
from chepai.records.table import Row

SEARCHES_AN_HOUR = 20
Document = Literal["DEATH_CERTIFICATE", "HOUSEHOLD_REGISTER", "MARRIAGE_CERTIFICATE", "NOTARY_DEED"]
IdNumber = Annotated[str, Field(min_length=15, max_length=18)]


class RelativesWish(Body):
    """Whose data, who asks, and which documents lay on the counter; originals, never copies."""

    id_number: IdNumber
    relative_id_number: IdNumber
    relation: Relation
    documents: Annotated[list[Document], Field(min_length=2, max_length=4)]


@dataclass(frozen=True)
class Relatives:
    """The adapters that a relative's wish takes."""

    people: People
    facts: Facts
    requests: DataRequests
    cities: Cities
    disclosing: Disclosing

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            People.from_env(),
            Facts.from_env(),
            DataRequests.from_env(),
            Cities.from_env(),
            Disclosing(),
        )

    def enter(self, call: Call[RelativesWish]) -> OnDuty:
        """Enter what a relative asks. Raises DeceasedUnknown, TooManyRequests."""
        at = now()
        hour = stamp(at)[:13]
        if not self.requests.take_search(call.caller.id, hour, most=SEARCHES_AN_HOUR):
            raise TooManyRequests(seconds=3600)
        blind = Blind.from_env()
        mine, theirs = (
            blind("id", resident_id.normalise(number))
            for number in (call.body.id_number, call.body.relative_id_number)
        )
        person_id = self.people.found_by(mine)
        if person_id is None or self._alive(person_id):
            raise DeceasedUnknown
        self.disclosing.person(call, person_id, "relative", ["identity"])
        row = {
            "request_id": derived_id("ask", person_id, Kind.RELATIVE, theirs, hour),
            "person_id": person_id,
            "kind": Kind.RELATIVE,
            "state": State.OPEN,
            "open_state": State.OPEN,
            "made_at": stamp(at),
            "due_on": due_on(self.cities.current(), at),
            "about": {
                "relation": call.body.relation,
                "relative_blind": theirs,
                "documents": sorted(set(call.body.documents)),
            },
            "entered_by": call.caller.id,
        }
        return on_duty(self.requests.enter(row, actor=reader(call), act="relative_request_entered"))

    def _alive(self, person_id: str) -> bool:
        identity = self.facts.newest(about_person(person_id), FactKind.IDENTITY)
        return identity is None or identity.says.get("alive") is not False


@dataclass(frozen=True)
class Answering:
    """Answering a request, and doing what was granted."""

    requests: Requests
    people: People
    applications: Applications

    @classmethod
    def from_env(cls) -> Self:
        return cls(Requests.from_env(), People.from_env(), Applications.from_env())

    def answer(self, call: Call[Any], outcome: Outcome) -> OnDuty:
        """Raises DataRequestUnknown, NotToAnswer."""
        said = self.requests.answer(call, outcome)
        if outcome is Outcome.GRANTED and said.kind in ERASED_WHEN_GRANTED:
            self._erase(said.person_id)
        return said

    def _erase(self, person_id: str) -> None:
        """What the law does not keep goes; the rest is stored only."""
        row: Row = self.people.open_row(person_id) or {"fields": []}
        cases = self.applications.of_person(person_id)
        banned = str(row.get("banned_until", "")) > stamp(now())
        planned = personal_data.erasure(row["fields"], cases, banned=banned)
        self.people.forget(person_id, planned.erased)
        if planned.stored and not any(personal_data.is_open(case) for case in cases):
            self.people.store_only(person_id, now())
