"""What staff see of a person's case leaves only after it is in the book of accesses.

Every staff route that shows something of a case goes through here, lists and the answers to acts
too: no line, no data (PIPL Arts 6, 51). Automatic steps of the office itself show nothing to
anybody and are in the case's own history.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chepai.domain import disclosure
from chepai.domain.application import Application
from chepai.domain.disclosure import INVESTIGATION, READ
from chepai.domain.ledger import Actor
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.edge.api import Call
from chepai.edge.clock import now
from chepai.edge.roles import OFFICER, STAFF, SUPERVISOR
from chepai.records.accesses import Accesses, Purpose, Reading
from chepai.records.applications import Applications
from chepai.records.table import Write

ROW = ("case", "vin", "number")
"""What one line on a desk tells of a person."""
POINTER = ("case",)
"""What a list of matters tells: that the person has such a case."""
WHOLE = (*ROW, "facts", "history")
"""What a whole case tells."""

CASE_WORK, WORK_LIST, COUNTER, COMPLAINT, RECHECK = (
    "case_work", "work_list", "counter", "complaint", "recheck",
)  # fmt: skip
OF_READERS = (CASE_WORK, COMPLAINT, RECHECK, INVESTIGATION)
"""The purposes that somebody who opens a case may name."""
_OF_THE_DESK = frozenset({CASE_WORK, INVESTIGATION})
"""Purposes that the desk on which the case lies stands for by itself."""
_INVESTIGATORS = frozenset({OFFICER, SUPERVISOR})

QUERY: Mapping[str, str] = {
    "purpose": f"What the case is opened for: {', '.join(OF_READERS)}; {CASE_WORK} when left out",
    "reference": "What ties the reader to the case unless it lies on their desk: a ticket, a "
    "finding, draw-<period> of a re-check, or the number of a paper",
    "hold": "The paper by which the person is told of an investigation later",
}


@dataclass(frozen=True)
class Disclosing:
    """Enters what staff are about to see. Everything here raises when it cannot be entered."""

    accesses: Accesses = field(default_factory=Accesses)

    def listed(
        self, call: Call[Any], found: Sequence[Application], fields: tuple[str, ...] = ROW
    ) -> list[Application]:
        """The cases of a list that the caller may see: each person named in it has a line.

        `fields` are what the list tells of each. What is the caller's own is on their colleagues'
        lists and not on theirs.
        """
        seen = [one for one in found if one.person_id != call.caller.citizen]
        readings = [
            Reading(one.person_id, fields, Purpose(WORK_LIST, one.application_id, call.caller.unit))
            for one in seen
        ]
        self.accesses.note_all(readings, actor=reader(call))
        return seen

    def named(
        self,
        call: Call[Any],
        application_ids: Iterable[str],
        *,
        purpose: str = WORK_LIST,
        reference: str = "",
        besides: str = "",
    ) -> frozenset[str]:
        """Enter that the caller is about to learn which cases a matter is about.

        An identifier alone leads to a person: each owner has a line, but `besides`, who has one
        already. Answers those that are the caller's own, which must not be shown.
        """
        found = Applications.from_env().for_views().read_many(sorted({*application_ids}))
        own = {one.application_id for one in found if one.person_id == call.caller.citizen}
        unit = call.caller.unit
        readings = [
            Reading(
                one.person_id, POINTER, Purpose(purpose, one.application_id, unit, "", reference)
            )
            for one in found
            if one.application_id not in own and one.person_id != besides
        ]
        self.accesses.note_all(readings, actor=reader(call))
        return frozenset(own)

    def case(
        self,
        call: Call[Any],
        application: Application,
        purpose: str,
        fields: Sequence[str] = WHOLE,
        *,
        hold: str = "",
    ) -> None:
        """Enter that the caller is about to see these fields of this case. Raises OwnCase."""
        self.person(
            call, application.person_id, purpose, fields, case=application.application_id, hold=hold
        )

    def entering(
        self, call: Call[Any], application: Application, purpose: str, fields: Sequence[str]
    ) -> Write:
        """The line of `case` as a part of an act's own transaction. Raises OwnCase."""
        call.caller.must_not_be(application.person_id)
        why = Purpose(purpose, application.application_id, call.caller.unit)
        return self.accesses.noting(application.person_id, fields, actor=reader(call), purpose=why)

    def person(
        self,
        call: Call[Any],
        person_id: str,
        purpose: str,
        fields: Sequence[str],
        *,
        case: str = "",
        hold: str = "",
    ) -> None:
        """Enter that the caller is about to see something of a person, with or without a case.

        Raises OwnCase for who would look at themselves with the eyes of the office.
        """
        call.caller.must_not_be(person_id)
        why = Purpose(purpose, case, call.caller.unit, hold)
        self.accesses.note(person_id, fields, actor=reader(call), purpose=why)

    def nobodys(self, call: Call[Any], matter: str, purpose: str, fields: Sequence[str]) -> None:
        """Enter that the caller is about to see what somebody wrote who gave no name.

        There is no person whose chain it could be in: it is in one beside the matter's own.
        """
        said = {"fields": sorted(fields), "purpose": purpose, "receiver": call.caller.unit}
        self.accesses.append_to(f"reads#{matter}", READ, said, actor=reader(call))

    def opened(self, call: Call[Any], application: Application) -> None:
        """Enter that the caller opens a whole case, for the purpose and the matter of the query.

        Raises OwnCase, and FieldInvalid for a purpose that the caller may not name and for a case
        that nothing ties them to.
        """
        call.caller.must_not_be(application.person_id)
        why = self._asked_for(call, application)
        self.accesses.note(application.person_id, WHOLE, actor=reader(call), purpose=why)

    def _asked_for(self, call: Call[Any], application: Application) -> Purpose:
        purpose, hold = call.query.get("purpose", CASE_WORK), call.query.get("hold", "")
        faults = [FieldProblem(name, "unknown_field") for name in call.query if name not in QUERY]
        investigates = purpose == INVESTIGATION and bool(call.caller.roles & _INVESTIGATORS)
        if purpose not in OF_READERS or (purpose == INVESTIGATION and not investigates):
            faults.append(FieldProblem("purpose", "not_a_choice"))
        if hold and not (investigates and self._stands(application.person_id, hold)):
            faults.append(FieldProblem("hold", "not_a_choice"))
        if faults:
            raise FieldInvalid(*faults)
        reference = call.query.get("reference", "")
        if not hold:
            # A hold is the number of a paper, and of this person.
            from chepai.edge.tying import must_be_tied  # only who opens a whole case needs it

            at_work = purpose in _OF_THE_DESK
            must_be_tied(call, application, at_work=at_work, reference=reference)
        return Purpose(purpose, application.application_id, call.caller.unit, hold, reference)

    def _stands(self, person_id: str, hold: str) -> bool:
        known = disclosure.holds(self.accesses.delays(person_id))
        return any(each.hold_id == hold and each.stands(now()) for each in known)


def reader(call: Call[Any]) -> Actor:
    """Who reads, in the first of the roles of staff that the token carries."""
    return call.caller.actor(next(iter(sorted(call.caller.roles & STAFF)), "staff"))
