"""Hand plates and papers over at the counter, to their owner with an identity document."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    NotWaitingForThis,
    PreconditionFailed,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.desk import OnDesk, shown
from chepai.edge.disclosing import COUNTER
from chepai.edge.recording import HandOver, Recording

recording = Recording.from_env()


@route(
    "POST", "/v1/staff/applications/{application_id}/hand-over", summary="Hand over at a counter",
    body=HandOver, answer=OnDesk,
    errors=(ApplicationUnknown, NotWaitingForThis, PreconditionFailed, VersionConflict),
)  # fmt: skip
def handler(call: Call[HandOver]) -> OnDesk:
    return shown(call, recording.hand_over(call), COUNTER)
