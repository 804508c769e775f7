"""Answer a ticket: first that it is being worked on, then in the matter itself."""

from chepai.domain.refusals import (
    TicketHeldByAnother,
    TicketNotWaiting,
    TicketUnknown,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.ticket_desk import AnswerTicket, DeskTicketRow, TicketDesk

desk = TicketDesk.from_env()


@route(
    "POST", "/v1/staff/tickets/{ticket_id}/answer", summary="Answer a ticket",
    body=AnswerTicket, answer=DeskTicketRow,
    errors=(TicketHeldByAnother, TicketNotWaiting, TicketUnknown, VersionConflict),
)  # fmt: skip
def handler(call: Call[AnswerTicket]) -> DeskTicketRow:
    return desk.answer(call)
