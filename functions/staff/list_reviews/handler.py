"""List what waits for a reviewer, the one due first in front."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.desk import REVIEWS, Desk, reviews
from chepai.records.applications import Applications

applications = Applications.from_env()


@route(
    "GET", "/v1/staff/reviews", summary="Applications that wait for a reviewer",
    answer=Desk, query=REVIEWS, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Desk:
    return reviews(call, applications)
