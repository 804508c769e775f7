"""Give somebody a power of attorney, for a service and a time."""

from chepai.domain.refusals import AgentHasTooMany, AgentNotAllowed, FieldInvalid, IdentityTooWeak
from chepai.edge.api import Call, route
from chepai.edge.powers import Empowering, NewPower, Power

empowering = Empowering.from_env()


@route(
    "POST", "/v1/me/powers-of-attorney", summary="Let somebody act for me",
    body=NewPower, answer=Power, status=201, tag="me", limit="create",
    errors=(AgentHasTooMany, AgentNotAllowed, FieldInvalid, IdentityTooWeak),
)  # fmt: skip
def handler(call: Call[NewPower]) -> Power:
    return empowering.give(call)
