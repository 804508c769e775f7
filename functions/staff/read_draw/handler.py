"""Show one draw with all that a stranger needs to repeat it, once its seed is shown."""

from chepai.domain.refusals import RecheckUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.rechecking import Desk, Draw

desk = Desk.from_env()


@route(
    "GET", "/v1/staff/rechecks/{period}", summary="One draw, to be repeated by anybody",
    answer=Draw, errors=(RecheckUnknown,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Draw:
    return desk.draw(call)
