"""Give an inspection appointment back."""

from chepai.domain.refusals import ApplicationUnknown, NotWaitingForThis
from chepai.edge.api import Call, NoBody, route
from chepai.edge.appointing import Appointing
from chepai.edge.views import Case, case

appointing = Appointing.from_env()


@route(
    "DELETE", "/v1/applications/{application_id}/inspection-appointment",
    summary="Cancel an inspection", answer=Case, tag="inspection",
    errors=(ApplicationUnknown, NotWaitingForThis),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Case:
    return case(appointing.cancel(call))
