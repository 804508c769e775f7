"""Take in what came by phone, at a counter or in a letter; answer it at once where that is done."""

from chepai.domain.refusals import ApplicationUnknown, FieldInvalid
from chepai.edge.api import Call, route
from chepai.edge.ticket_desk import TakeInTicket, TakenInAtDesk, TicketDesk

desk = TicketDesk.from_env()


@route(
    "POST", "/v1/staff/tickets", summary="Take in a question or complaint",
    body=TakeInTicket, answer=TakenInAtDesk, status=201, keyed=True, limit="create",
    errors=(ApplicationUnknown, FieldInvalid),
)  # fmt: skip
def handler(call: Call[TakeInTicket]) -> TakenInAtDesk:
    return desk.take_in(call)
