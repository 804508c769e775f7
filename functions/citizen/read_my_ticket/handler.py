"""Read one of my tickets: its day, who holds it, and every answer."""

from chepai.domain.refusals import TicketUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.ticketing import MyTicket, Ticketing

ticketing = Ticketing.from_env()


@route(
    "GET", "/v1/me/tickets/{ticket_id}", summary="One of my questions or complaints",
    answer=MyTicket, errors=(TicketUnknown,), tag="tickets",
)  # fmt: skip
def handler(call: Call[NoBody]) -> MyTicket:
    return ticketing.one(call)
