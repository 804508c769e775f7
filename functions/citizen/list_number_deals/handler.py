"""List the deals of a closed segment, so that anyone can recompute them."""

from chepai.domain.refusals import DealsNotShown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.fairness import Fairness, Log

fairness = Fairness.from_env()


@route(
    "GET", "/v1/number-segments/{segment_id}/deals", summary="The deals of a closed segment",
    answer=Log, errors=(DealsNotShown,), tag="inform",
    query={"cursor": "Where the page begins: `next` of the page before"},
)  # fmt: skip
def handler(call: Call[NoBody]) -> Log:
    return fairness.log(call.path["segment_id"], call.query.get("cursor", ""))
