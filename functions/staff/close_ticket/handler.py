"""Close a ticket after the call back, or where no answer can be given."""

from chepai.domain.refusals import (
    TicketHeldByAnother,
    TicketNotWaiting,
    TicketUnknown,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.ticket_desk import CloseTicket, DeskTicketRow, TicketDesk

desk = TicketDesk.from_env()


@route(
    "POST", "/v1/staff/tickets/{ticket_id}/closure", summary="Close a ticket",
    body=CloseTicket, answer=DeskTicketRow,
    errors=(TicketHeldByAnother, TicketNotWaiting, TicketUnknown, VersionConflict),
)  # fmt: skip
def handler(call: Call[CloseTicket]) -> DeskTicketRow:
    return desk.close(call)
