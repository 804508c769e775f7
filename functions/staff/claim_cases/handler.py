"""Take cases in hand for a while, or give them back; an unworked claim lapses by itself."""

from chepai.edge.api import Call, route
from chepai.edge.operating import ActsDone, ClaimOfCases, Operating

operating = Operating.from_env()


@route(
    "POST", "/v1/staff/claims", summary="Take cases in hand, or give them back",
    body=ClaimOfCases, answer=ActsDone,
)  # fmt: skip
def handler(call: Call[ClaimOfCases]) -> ActsDone:
    return operating.claim(call)
