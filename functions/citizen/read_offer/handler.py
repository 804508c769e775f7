"""Show the batch of numbers that is open, without dealing another."""

from chepai.domain.refusals import ApplicationUnknown, NotWaitingForThis
from chepai.edge.api import Call, NoBody, route
from chepai.edge.choosing import Choosing, Offer

choosing = Choosing.from_env()


@route(
    "GET", "/v1/applications/{application_id}/offers", summary="The numbers offered now",
    answer=Offer, tag="number",
    errors=(ApplicationUnknown, NotWaitingForThis),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Offer:
    return choosing.current(call)
