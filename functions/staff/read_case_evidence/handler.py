"""Give the supervision the evidence of a case, as its owner has it."""

from chepai.domain.refusals import ApplicationUnknown, FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.bundling import Bundle, Bundling
from chepai.edge.disclosing import QUERY

bundling = Bundling.from_env()


@route(
    "GET", "/v1/staff/applications/{application_id}/evidence",
    summary="The evidence of one application, for the supervision",
    answer=Bundle, errors=(ApplicationUnknown, FieldInvalid), query=QUERY,
)  # fmt: skip
def handler(call: Call[NoBody]) -> Bundle:
    return bundling.any(call)
