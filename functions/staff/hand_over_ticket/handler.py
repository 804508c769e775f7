"""Hand a ticket on: to nobody in particular, to a supervisor, or to whom it concerns."""

from chepai.domain.refusals import (
    FieldInvalid,
    TicketHeldByAnother,
    TicketNotWaiting,
    TicketUnknown,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.ticket_desk import DeskTicketRow, HandOverTicket, TicketDesk

desk = TicketDesk.from_env()


@route(
    "POST", "/v1/staff/tickets/{ticket_id}/hand-over", summary="Hand a ticket on",
    body=HandOverTicket, answer=DeskTicketRow,
    errors=(FieldInvalid, TicketHeldByAnother, TicketNotWaiting, TicketUnknown, VersionConflict),
)  # fmt: skip
def handler(call: Call[HandOverTicket]) -> DeskTicketRow:
    return desk.hand_over(call)
