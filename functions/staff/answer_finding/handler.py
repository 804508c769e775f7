"""Enter what the party that a finding names says to it."""

from chepai.domain.refusals import FindingUnknown, NotWaitingForThis, VersionConflict
from chepai.edge.api import Call, route
from chepai.edge.findings import Finding, Findings, PartysAnswer

findings = Findings.from_env()


@route(
    "POST", "/v1/staff/findings/{finding_id}/answer", summary="Answer a finding",
    body=PartysAnswer, answer=Finding,
    errors=(FindingUnknown, NotWaitingForThis, VersionConflict),
)  # fmt: skip
def handler(call: Call[PartysAnswer]) -> Finding:
    return findings.answer(call)
