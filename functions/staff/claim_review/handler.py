"""Take a review on the own desk, so that no colleague works on it meanwhile."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    ClaimedByAnother,
    NotWaitingForThis,
    OwnAct,
    OwnCase,
    VersionConflict,
)
from chepai.edge.api import Call, NoBody, route
from chepai.edge.desk import OnDesk, on_desk
from chepai.edge.judging import Reviews

reviews = Reviews.from_env()


@route(
    "POST", "/v1/staff/applications/{application_id}/review-claim", summary="Claim a review",
    answer=OnDesk,
    errors=(ApplicationUnknown, ClaimedByAnother, NotWaitingForThis, OwnAct, OwnCase,
            VersionConflict),
)  # fmt: skip
def handler(call: Call[NoBody]) -> OnDesk:
    return on_desk(reviews.claim(call))
