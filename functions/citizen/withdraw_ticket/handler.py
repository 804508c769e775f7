"""Take a question or complaint back."""

from chepai.domain.refusals import TicketNotWaiting, TicketUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.ticketing import MyTicket, Ticketing

ticketing = Ticketing.from_env()


@route(
    "POST", "/v1/me/tickets/{ticket_id}/withdrawal", summary="Take a question or complaint back",
    answer=MyTicket, errors=(TicketUnknown, TicketNotWaiting), tag="tickets",
)  # fmt: skip
def handler(call: Call[NoBody]) -> MyTicket:
    return ticketing.withdraw(call)
