"""How tickets are answered: on time, median, ratings, by kind and month."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.ticket_figures import QUERY, Figures, TicketFiguresPage

figures = Figures.from_env()


@route(
    "GET", "/v1/staff/ticket-figures", summary="How tickets are answered",
    answer=TicketFiguresPage, query=QUERY, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> TicketFiguresPage:
    return figures.page(call)
