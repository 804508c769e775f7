"""Hand plates and papers over at the counter, to their owner with an identity document."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    NotWaitingForThis,
    PreconditionFailed,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.desk import OnDesk, on_desk
from chepai.edge.recording import HandOver, Recording

recording = Recording.from_env()


@route(
    "POST", "/v1/staff/applications/{application_id}/hand-over", summary="Hand over at a counter",
    body=HandOver, answer=OnDesk,
    errors=(ApplicationUnknown, NotWaitingForThis, PreconditionFailed, VersionConflict),
)  # fmt: skip
def handler(call: Call[HandOver]) -> OnDesk:
    return on_desk(recording.hand_over(call))
