"""Say that there is nothing at an address, in the same words as every other refusal."""

from pydantic import ConfigDict

from chepai.domain.refusals import RouteUnknown
from chepai.edge.api import EVERYTHING_ELSE, Answer, Body, Call, route
from chepai.edge.pages import TAG


class Anything(Body):
    """Whatever was sent: it is not looked at."""

    model_config = ConfigDict(extra="ignore")


@route(
    "ANY", EVERYTHING_ELSE, summary="Any address that nothing else answers",
    body=Anything, answer=Answer, errors=(RouteUnknown,), tag=TAG,
)  # fmt: skip
def handler(_: Call[Anything]) -> Answer:
    raise RouteUnknown
