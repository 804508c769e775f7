"""Check again: the owner has mended something elsewhere, the agencies are asked once more."""

from chepai.domain.refusals import ApplicationUnknown, NotWaitingForThis, TooManyRequests
from chepai.edge.api import Call, NoBody, route
from chepai.edge.correcting import CheckingAgain
from chepai.edge.views import Case, case

checking = CheckingAgain.from_env()


@route(
    "POST", "/v1/applications/{application_id}/rechecks", summary="Back and check again",
    answer=Case, status=202, tag="put right",
    errors=(ApplicationUnknown, NotWaitingForThis, TooManyRequests),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Case:
    return case(checking.check(call))
