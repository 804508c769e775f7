"""List what waits for a second person, the one that lapses first in front."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.operating import Deciding, Proposals

deciding = Deciding.from_env()


@route("GET", "/v1/staff/proposals", summary="What waits for a second person", answer=Proposals)
def handler(call: Call[NoBody]) -> Proposals:
    return deciding.page(call)
