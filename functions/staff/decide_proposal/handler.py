"""Confirm or decline, as a second person, what a colleague proposed for a case."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    BeingRegistered,
    NotWaitingForThis,
    OwnAct,
    OwnCase,
    ProposalUnknown,
    TooLate,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.operating import Deciding, Proposal, SecondDecision

deciding = Deciding.from_env()


@route(
    "POST", "/v1/staff/proposals/{application_id}/decision", summary="Confirm or decline",
    body=SecondDecision, answer=Proposal,
    errors=(ApplicationUnknown, ProposalUnknown, OwnAct, OwnCase, VersionConflict,
            NotWaitingForThis, TooLate, BeingRegistered),
)  # fmt: skip
def handler(call: Call[SecondDecision]) -> Proposal:
    return deciding.decide(call)
