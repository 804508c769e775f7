"""List the powers of attorney that I gave and those that I hold."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.powers import Empowering, MyPowers

empowering = Empowering.from_env()


@route(
    "GET", "/v1/me/powers-of-attorney", summary="Who may act for me, and for whom I may",
    answer=MyPowers, tag="me",
)  # fmt: skip
def handler(call: Call[NoBody]) -> MyPowers:
    return empowering.mine(call)
