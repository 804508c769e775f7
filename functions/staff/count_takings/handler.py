"""Enter what the till of the own desk held when it was counted."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, route
from chepai.edge.taking import CashCount, CashDesk, CountDone

desk = CashDesk.from_env()


@route(
    "POST", "/v1/staff/takings/{day}/count", summary="Count the till of my desk",
    body=CashCount, answer=CountDone, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[CashCount]) -> CountDone:
    return desk.count(call)
