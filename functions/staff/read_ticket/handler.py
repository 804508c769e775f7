"""Read one ticket, after the reading is in the book of accesses."""

from chepai.domain.refusals import TicketUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.ticket_desk import DeskTicket, TicketDesk

desk = TicketDesk.from_env()


@route(
    "GET", "/v1/staff/tickets/{ticket_id}", summary="One ticket", answer=DeskTicket,
    errors=(TicketUnknown,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> DeskTicket:
    return desk.one(call)
