"""List free inspection times by site and day."""

from datetime import date

from chepai.domain.refusals import FieldInvalid, FieldProblem, SlotUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.appointing import SiteDays, Slotting

slotting = Slotting.from_env()


@route(
    "GET", "/v1/inspection-slots", summary="Free inspection times",
    roles=("citizen",), answer=SiteDays, errors=(SlotUnknown,), tag="inspection",
    query={"site": "One site by its id; all when left out", "day": "One day, as YYYY-MM-DD"},
)  # fmt: skip
def handler(call: Call[NoBody]) -> SiteDays:
    text = call.query.get("day")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise FieldInvalid(FieldProblem("day", "date")) from None
    return slotting.free(call.query.get("site"), day)
