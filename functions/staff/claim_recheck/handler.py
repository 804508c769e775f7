"""Take a drawn case on the own desk: not one that the supervisor had a hand in."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    HeldByAnother,
    NotWaitingForThis,
    OwnAct,
    RecheckUnknown,
    VersionConflict,
)
from chepai.edge.api import Call, NoBody, route
from chepai.edge.rechecking import Recheck, Rechecking

rechecking = Rechecking.from_env()


@route(
    "POST", "/v1/staff/rechecks/{period}/{application_id}/claim", summary="Claim a re-check",
    answer=Recheck,
    errors=(ApplicationUnknown, RecheckUnknown, NotWaitingForThis, OwnAct, HeldByAnother,
            VersionConflict),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Recheck:
    return rechecking.claim(call)
