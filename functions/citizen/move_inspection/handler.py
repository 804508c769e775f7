"""Move an inspection to a place and time of the owner's choice."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    NoChoicesLeft,
    NotWaitingForThis,
    SlotTaken,
    SlotUnknown,
)
from chepai.edge.api import Call, route
from chepai.edge.appointing import Appointing, Wish
from chepai.edge.views import Case, case

appointing = Appointing.from_env()


@route(
    "PUT", "/v1/applications/{application_id}/inspection-appointment",
    summary="Move an inspection", body=Wish, answer=Case, tag="inspection",
    errors=(ApplicationUnknown, NotWaitingForThis, SlotTaken, SlotUnknown, NoChoicesLeft),
)  # fmt: skip
def handler(call: Call[Wish]) -> Case:
    return case(appointing.move(call, call.body))
