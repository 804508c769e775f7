"""Issue a temporary plate for the days without plates."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    NoPolicyForTheseDays,
    NotWaitingForThis,
    ServiceNotOffered,
    TemporaryPlatesUsedUp,
)
from chepai.edge.api import Call, NoBody, route
from chepai.edge.issuing import Issuing, TemporaryPlate

issuing = Issuing.from_env()


@route(
    "POST", "/v1/applications/{application_id}/temporary-plates", summary="Temporary plate",
    answer=TemporaryPlate, status=201, tag="deliver",
    errors=(ApplicationUnknown, NotWaitingForThis, NoPolicyForTheseDays, TemporaryPlatesUsedUp,
            ServiceNotOffered), limit="create",
)  # fmt: skip
def handler(call: Call[NoBody]) -> TemporaryPlate:
    return issuing.issue(call)
