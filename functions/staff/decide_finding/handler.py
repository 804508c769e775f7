"""Decide a finding, and reverse what can still be reversed."""

from chepai.domain.refusals import (
    AnswerPending,
    ApplicationUnknown,
    FindingUnknown,
    NothingToReverse,
    NotWaitingForThis,
    OwnAct,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.findings import Decision, Finding, Findings

findings = Findings.from_env()


@route(
    "POST", "/v1/staff/findings/{finding_id}/decision", summary="Decide a finding",
    body=Decision, answer=Finding,
    errors=(ApplicationUnknown, FindingUnknown, AnswerPending, NotWaitingForThis, OwnAct,
            NothingToReverse, VersionConflict),
)  # fmt: skip
def handler(call: Call[Decision]) -> Finding:
    return findings.decide(call)
