"""Deal the next batch of numbers, or show the one that is open."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    NoChoicesLeft,
    NoNumbersLeft,
    NotWaitingForThis,
    SelectionBarred,
)
from chepai.edge.api import Call, NoBody, route
from chepai.edge.choosing import Offer
from chepai.edge.offering import Offering

offering = Offering.from_env()


@route(
    "POST", "/v1/applications/{application_id}/offers", summary="Numbers to choose from",
    answer=Offer, tag="number",
    errors=(ApplicationUnknown, NotWaitingForThis, NoChoicesLeft, NoNumbersLeft, SelectionBarred),
    limit="deal",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Offer:
    return offering.offer(call)
