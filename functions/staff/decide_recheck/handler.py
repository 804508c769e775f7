"""Enter what looking again has shown: in order, or a finding with the party responsible."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    FieldInvalid,
    HeldByAnother,
    NotWaitingForThis,
    OwnAct,
    RecheckUnknown,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.rechecking import Recheck, Rechecking, Result

rechecking = Rechecking.from_env()


@route(
    "POST", "/v1/staff/rechecks/{period}/{application_id}/result", summary="Enter a re-check",
    body=Result, answer=Recheck,
    errors=(ApplicationUnknown, RecheckUnknown, NotWaitingForThis, OwnAct, HeldByAnother,
            VersionConflict, FieldInvalid),
)  # fmt: skip
def handler(call: Call[Result]) -> Recheck:
    return rechecking.decide(call)
