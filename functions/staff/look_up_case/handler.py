"""Find the case of who calls, by its number and their identity, and what their page says of it."""

from chepai.domain.refusals import CaseNotFound, OwnCase
from chepai.edge.api import Call, route
from chepai.edge.looking_up import CaseHeard, LookingUp, LookUp

looking = LookingUp.from_env()


@route(
    "POST", "/v1/staff/lookups", summary="Find a case for who calls",
    body=LookUp, answer=CaseHeard, limit="lookup", errors=(CaseNotFound, OwnCase),
)  # fmt: skip
def handler(call: Call[LookUp]) -> CaseHeard:
    return looking.find(call)
