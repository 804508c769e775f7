"""Give a ticket more time, once, with a reason that whoever asked reads."""

from chepai.domain.refusals import (
    NotToExtend,
    TicketHeldByAnother,
    TicketNotWaiting,
    TicketUnknown,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.ticket_desk import DeskTicketRow, ExtendTicket, TicketDesk

desk = TicketDesk.from_env()


@route(
    "POST", "/v1/staff/tickets/{ticket_id}/extension", summary="Extend a ticket once",
    body=ExtendTicket, answer=DeskTicketRow,
    errors=(NotToExtend, TicketHeldByAnother, TicketNotWaiting, TicketUnknown, VersionConflict),
)  # fmt: skip
def handler(call: Call[ExtendTicket]) -> DeskTicketRow:
    return desk.extend(call)
