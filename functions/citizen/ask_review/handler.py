"""Put an automatic refusal before a person who had no part in it."""

from chepai.domain.refusals import ApplicationUnknown, NotWaitingForThis
from chepai.edge.api import Call, NoBody, route
from chepai.edge.appealing import Appealing
from chepai.edge.views import Case, case

appealing = Appealing.from_env()


@route(
    "POST", "/v1/applications/{application_id}/reviews", summary="Ask a person to review",
    answer=Case, status=202, tag="put right",
    errors=(ApplicationUnknown, NotWaitingForThis), limit="create",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Case:
    return case(appealing.ask(call))
