"""Take up a ticket that nobody holds, or as a supervisor one that somebody keeps too long."""

from chepai.domain.refusals import (
    TicketHeldByAnother,
    TicketNotWaiting,
    TicketUnknown,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.ticket_desk import ClaimTicket, DeskTicketRow, TicketDesk

desk = TicketDesk.from_env()


@route(
    "POST", "/v1/staff/tickets/{ticket_id}/claim", summary="Take up a ticket",
    body=ClaimTicket, answer=DeskTicketRow,
    errors=(TicketHeldByAnother, TicketNotWaiting, TicketUnknown, VersionConflict),
)  # fmt: skip
def handler(call: Call[ClaimTicket]) -> DeskTicketRow:
    return desk.claim(call)
