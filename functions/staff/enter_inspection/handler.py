"""Enter the inspection of a car: no recording and no certified inspector, no inspection."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    NotWaitingForThis,
    PreconditionFailed,
    RecordingMissing,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.desk import OnDesk, on_desk
from chepai.edge.recording import Inspection, Recording

recording = Recording.from_env()


@route(
    "POST", "/v1/staff/applications/{application_id}/inspection", summary="Enter an inspection",
    body=Inspection, answer=OnDesk,
    errors=(ApplicationUnknown, NotWaitingForThis, RecordingMissing, PreconditionFailed,
            VersionConflict),
)  # fmt: skip
def handler(call: Call[Inspection]) -> OnDesk:
    return on_desk(recording.inspection(call))
