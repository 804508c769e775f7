"""Show one application to its owner, with what there is to confirm and sign."""

from chepai.domain.life_cycle import Status
from chepai.domain.refusals import ApplicationUnknown
from chepai.edge.acting import Acting
from chepai.edge.api import Call, NoBody, route
from chepai.edge.confirming import confirmation
from chepai.edge.views import Case, case

acting = Acting.from_env()


@route(
    "GET", "/v1/applications/{application_id}", summary="One application of mine",
    answer=Case, errors=(ApplicationUnknown,), tag="follow",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Case:
    application = acting.read_own(call)
    to_sign = application.status == Status.AWAITING_OWNER
    return case(application, confirmation(application, acting.facts) if to_sign else None)
