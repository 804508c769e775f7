"""Show what the own desk took on a day, held against what the treasury confirmed."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.clock import today
from chepai.edge.taking import CashDesk, DeskDay

desk = CashDesk.from_env()


@route(
    "GET", "/v1/staff/takings", summary="What my desk took on a day", answer=DeskDay,
    query={"day": "One day, as YYYY-MM-DD; today when left out"}, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> DeskDay:
    return desk.day(call, (call.day("day") or today()).isoformat())
