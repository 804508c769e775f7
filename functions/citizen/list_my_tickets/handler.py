"""List what I asked and complained about, the newest first."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.ticketing import MyTickets, Ticketing

ticketing = Ticketing.from_env()


@route(
    "GET", "/v1/me/tickets", summary="My questions and complaints", answer=MyTickets,
    tag="tickets",
)  # fmt: skip
def handler(call: Call[NoBody]) -> MyTickets:
    return ticketing.mine(call)
