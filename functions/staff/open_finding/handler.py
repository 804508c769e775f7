"""Open a finding on one case from an inspection or a complaint."""

from chepai.domain.refusals import ApplicationUnknown, FieldInvalid, OwnAct, VersionConflict
from chepai.edge.api import Call, route
from chepai.edge.findings import Finding, Findings, Report

findings = Findings.from_env()


@route(
    "POST", "/v1/staff/findings", summary="Open a finding",
    body=Report, answer=Finding, status=201,
    errors=(ApplicationUnknown, FieldInvalid, OwnAct, VersionConflict),
)  # fmt: skip
def handler(call: Call[Report]) -> Finding:
    return findings.report(call)
