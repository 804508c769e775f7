"""Add something to a ticket that the office is working on."""

from chepai.domain.refusals import TicketNotWaiting, TicketUnknown
from chepai.edge.api import Call, route
from chepai.edge.ticketing import AddWords, MyTicket, Ticketing

ticketing = Ticketing.from_env()


@route(
    "POST", "/v1/me/tickets/{ticket_id}/messages", summary="Add to a question or complaint",
    body=AddWords, answer=MyTicket, keyed=True, limit="create", tag="tickets",
    errors=(TicketUnknown, TicketNotWaiting),
)  # fmt: skip
def handler(call: Call[AddWords]) -> MyTicket:
    return ticketing.add(call)
