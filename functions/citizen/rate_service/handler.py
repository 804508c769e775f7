"""Keep how the owner rates the service (好差评); a bad rating is called back."""

from typing import Annotated

from pydantic import Field

from chepai.domain.life_cycle import Act
from chepai.domain.refusals import ApplicationUnknown, NotWaitingForThis
from chepai.edge.acting import Acting
from chepai.edge.api import Body, Call, route
from chepai.edge.ticketing import Ticketing
from chepai.edge.views import Case, case

acting = Acting.from_env()
ticketing = Ticketing.from_env()


class Rating(Body):
    """One to five; five is best."""

    score: Annotated[int, Field(ge=1, le=5)]


@route(
    "POST", "/v1/applications/{application_id}/rating", summary="Rate the service",
    body=Rating, answer=Case, tag="follow",
    errors=(ApplicationUnknown, NotWaitingForThis),
)  # fmt: skip
def handler(call: Call[Rating]) -> Case:
    rated = acting.noted(call, Act.RATE, "rated", rating=call.body.score)
    ticketing.call_back(rated, call.body.score, call)
    return case(rated)
