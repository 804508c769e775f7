"""Show the inspections of a site and day, and which of them are still to be entered."""

from chepai.domain.refusals import FieldInvalid, SlotUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.inspecting import QUERY, Inspecting, InspectionDay

inspecting = Inspecting.from_env()


@route(
    "GET", "/v1/staff/inspections", summary="The inspections of a day",
    answer=InspectionDay, query=QUERY, errors=(FieldInvalid, SlotUnknown),
)  # fmt: skip
def handler(call: Call[NoBody]) -> InspectionDay:
    return inspecting.day(call)
