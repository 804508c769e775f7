"""What ties a member of staff to a case that they open: their desk, or a matter with a number.

A case on the desk of one's own role is opened for case work, and an open one by an operator, who
answers for all that are stuck. For anything else the matter is named: where we keep its record,
the record must be of this case; the number of a paper of somebody else's is held for its form, and
stands in the person's book of accesses, where its owner can question it.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from chepai.domain.application import Application
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.edge.api import Call
from chepai.edge.referring import Reference
from chepai.edge.roles import OPERATOR
from chepai.records.supervision import Supervision
from chepai.records.tickets import Tickets

Ties: TypeAlias = Callable[[str, Application], bool]
_REFERENCE: TypeAdapter[str] = TypeAdapter(Reference)


def must_be_tied(call: Call[Any], case: Application, *, at_work: bool, reference: str) -> None:
    """Hold who opens a case to what ties them to it. Raises FieldInvalid.

    `at_work` says that the case is opened for case work, without any other matter.
    """
    if reference:
        _must_be_of(reference, case)
    elif not (at_work and _on_desk(call, case)):
        raise FieldInvalid(FieldProblem("reference", "missing"))


def _on_desk(call: Call[Any], case: Application) -> bool:
    # An ended case is on nobody's desk.
    holder = case.queue_shard.rpartition("#")[0]
    return bool(holder) and bool(call.caller.roles & {holder, OPERATOR})


def _must_be_of(reference: str, case: Application) -> None:
    try:
        _REFERENCE.validate_python(reference)
    except ValidationError:
        raise FieldInvalid(FieldProblem("reference", "malformed")) from None
    ties = next((each for kind, each in _KEPT.items() if reference.startswith(kind)), None)
    if ties and not ties(reference, case):
        # An unknown one and one of another case are told alike.
        raise FieldInvalid(FieldProblem("reference", "not_of_this_case"))


def _of_ticket(reference: str, case: Application) -> bool:
    kept = Tickets.from_env().read(reference)
    return kept is not None and kept.ticket.application_id == case.application_id


def _of_finding(reference: str, case: Application) -> bool:
    row = Supervision.from_env().finding(reference) or {}
    return case.application_id in row.get("cases", ())


def _of_draw(reference: str, case: Application) -> bool:
    period = reference.removeprefix(DRAW)
    return Supervision.from_env().case(period, case.application_id) is not None


TICKET, FINDING, DRAW = "tkt_", "fnd_", "draw-"
_KEPT: Mapping[str, Ties] = {TICKET: _of_ticket, FINDING: _of_finding, DRAW: _of_draw}
"""Whose record tells whether a number is of a case, by how such numbers begin."""
