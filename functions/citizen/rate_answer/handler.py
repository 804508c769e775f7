"""Rate an answer (好差评); a bad rating is called back by somebody else."""

from chepai.domain.refusals import TicketNotWaiting, TicketUnknown
from chepai.edge.api import Call, route
from chepai.edge.ticketing import MyTicket, RateAnswer, Ticketing

ticketing = Ticketing.from_env()


@route(
    "POST", "/v1/me/tickets/{ticket_id}/rating", summary="Rate an answer",
    body=RateAnswer, answer=MyTicket, errors=(TicketUnknown, TicketNotWaiting), tag="tickets",
)  # fmt: skip
def handler(call: Call[RateAnswer]) -> MyTicket:
    return ticketing.rate(call)
