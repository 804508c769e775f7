"""List the cases that are to be looked at again, and the draws whose seed is bound."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.rechecking import QUERY, Desk, Rechecks

desk = Desk.from_env()


@route(
    "GET", "/v1/staff/rechecks", summary="Cases to look at again",
    answer=Rechecks, query=QUERY, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Rechecks:
    return desk.page(call)
