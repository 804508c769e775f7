"""Deal the next batch of numbers, or all of them side by side, or show what is open."""

from typing import Literal

from chepai.domain.refusals import (
    ApplicationUnknown,
    NoChoicesLeft,
    NoNumbersLeft,
    NotWaitingForThis,
    SelectionBarred,
    ServiceNotOffered,
)
from chepai.edge.api import Body, Call, route
from chepai.edge.choosing import Offer
from chepai.edge.offering import Offering

offering = Offering.from_env()


class WayOfShowing(Body):
    """`elder`: all numbers that are left side by side, in large type, for a longer time."""

    mode: Literal["batch", "elder"] = "batch"


@route(
    "POST", "/v1/applications/{application_id}/offers", summary="Numbers to choose from",
    body=WayOfShowing, answer=Offer, tag="number",
    errors=(ApplicationUnknown, NotWaitingForThis, NoChoicesLeft, NoNumbersLeft, SelectionBarred,
            ServiceNotOffered), limit="deal",
)  # fmt: skip
def handler(call: Call[WayOfShowing]) -> Offer:
    return offering.offer(call, at_once=call.body.mode == "elder")
