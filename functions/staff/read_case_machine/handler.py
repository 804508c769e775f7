"""Show one case's machine: what its runs went through, and the ledger beside it."""

from chepai.domain.refusals import ApplicationUnknown, FieldInvalid, OwnCase
from chepai.edge.api import Call, NoBody, route
from chepai.edge.case_machine import QUERY, CaseMachine, Machines

machines = Machines.from_env()


@route(
    "GET", "/v1/staff/applications/{application_id}/machine", summary="One case's machine",
    answer=CaseMachine, query=QUERY, errors=(ApplicationUnknown, FieldInvalid, OwnCase),
)  # fmt: skip
def handler(call: Call[NoBody]) -> CaseMachine:
    return machines.read(call)
