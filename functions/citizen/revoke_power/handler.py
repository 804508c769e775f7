"""End a power of attorney that I gave, at once."""

from chepai.domain.refusals import PowerUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.powers import Empowering, Power

empowering = Empowering.from_env()


@route(
    "DELETE", "/v1/me/powers-of-attorney/{agent_id}", summary="Let somebody act for me no longer",
    answer=Power, errors=(PowerUnknown,), tag="me",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Power:
    return empowering.revoke(call)
