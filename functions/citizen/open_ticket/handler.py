"""Ask, suggest or complain: what comes in gets its day at once."""

from chepai.domain.refusals import ApplicationUnknown, FieldInvalid, NotWaitingForThis
from chepai.edge.api import Call, route
from chepai.edge.ticketing import OpenTicket, TakenIn, Ticketing

ticketing = Ticketing.from_env()


@route(
    "POST", "/v1/me/tickets", summary="Ask, suggest or complain",
    body=OpenTicket, answer=TakenIn, status=201, keyed=True, limit="create", tag="tickets",
    errors=(ApplicationUnknown, FieldInvalid, NotWaitingForThis),
)  # fmt: skip
def handler(call: Call[OpenTicket]) -> TakenIn:
    return ticketing.open(call)
