"""Take in an officer's decision on a suspicion: cleared, to be inspected, or confirmed."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    FieldInvalid,
    NotWaitingForThis,
    OwnAct,
    PreconditionFailed,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.desk import OnDesk, on_desk
from chepai.edge.judging import Investigation, Investigations

investigations = Investigations.from_env()


@route(
    "POST", "/v1/staff/applications/{application_id}/officer-decision",
    summary="Decide on a suspicion (R164 Art. 74)",
    body=Investigation, answer=OnDesk,
    errors=(ApplicationUnknown, PreconditionFailed, VersionConflict, OwnAct, NotWaitingForThis,
            FieldInvalid),
)  # fmt: skip
def handler(call: Call[Investigation]) -> OnDesk:
    return on_desk(investigations.decide(call))
