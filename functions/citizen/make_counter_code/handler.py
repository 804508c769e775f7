"""Make a code with which any counter can go on with the application."""

from chepai.domain.refusals import ApplicationUnknown, NotWaitingForThis
from chepai.edge.api import Call, NoBody, route
from chepai.edge.continuing import Continuing, CounterCode

continuing = Continuing.from_env()


@route(
    "POST", "/v1/applications/{application_id}/counter-codes", summary="Continue at a counter",
    answer=CounterCode, status=201, tag="put right",
    errors=(ApplicationUnknown, NotWaitingForThis), limit="create",
)  # fmt: skip
def handler(call: Call[NoBody]) -> CounterCode:
    return continuing.make(call)
