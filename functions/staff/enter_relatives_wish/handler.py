"""Enter what a close relative of somebody who died asks at the counter."""

from chepai.domain.refusals import DeceasedUnknown, TooManyRequests
from chepai.edge.api import Call, route
from chepai.edge.data_requests import OnDuty
from chepai.edge.relatives import Relatives, RelativesWish

relatives = Relatives.from_env()


@route(
    "POST", "/v1/staff/relatives-requests", summary="A relative of somebody who died asks",
    body=RelativesWish, answer=OnDuty, status=201, errors=(DeceasedUnknown, TooManyRequests),
)  # fmt: skip
def handler(call: Call[RelativesWish]) -> OnDuty:
    return relatives.enter(call)
