"""Take in a reviewer's decision: the machine waits for it, or the owner asked for it."""

from chepai.domain.refusals import (
    AlreadyOpen,
    ApplicationUnknown,
    ClaimedByAnother,
    FieldInvalid,
    NotWaitingForThis,
    OwnAct,
    PreconditionFailed,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.desk import OnDesk, on_desk
from chepai.edge.judging import Review, Reviews

reviews = Reviews.from_env()


@route(
    "POST", "/v1/staff/applications/{application_id}/review-decision", summary="Decide a review",
    body=Review, answer=OnDesk,
    errors=(ApplicationUnknown, VersionConflict, PreconditionFailed, NotWaitingForThis, OwnAct,
            AlreadyOpen, ClaimedByAnother, FieldInvalid),
)  # fmt: skip
def handler(call: Call[Review]) -> OnDesk:
    return on_desk(reviews.decide(call))
