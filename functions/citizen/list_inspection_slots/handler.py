"""List free inspection times by site and day."""

from chepai.domain.refusals import SlotUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.appointing import SiteDays, Slotting

slotting = Slotting.from_env()


@route(
    "GET", "/v1/inspection-slots", summary="Free inspection times",
    answer=SiteDays, errors=(SlotUnknown,), tag="inspection",
    query={"site": "One site by its id; all when left out", "day": "One day, as YYYY-MM-DD"},
)  # fmt: skip
def handler(call: Call[NoBody]) -> SiteDays:
    return slotting.free(call.query.get("site"), call.day("day"))
