"""Give the owner the evidence of a case: what was decided, on what, and that it cannot change."""

from chepai.domain.refusals import ApplicationUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.bundling import Bundle, Bundling

bundling = Bundling.from_env()


@route(
    "GET", "/v1/applications/{application_id}/evidence", summary="The evidence of one application",
    answer=Bundle, errors=(ApplicationUnknown,), tag="follow",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Bundle:
    return bundling.own(call)
