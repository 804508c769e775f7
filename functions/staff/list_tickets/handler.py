"""List tickets: mine, nobody's, or those whose time has run out."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.ticket_desk import QUERY, DeskTickets, TicketDesk

desk = TicketDesk.from_env()


@route(
    "GET", "/v1/staff/tickets", summary="Tickets of my desk", answer=DeskTickets, query=QUERY,
    errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> DeskTickets:
    return desk.listed(call)
