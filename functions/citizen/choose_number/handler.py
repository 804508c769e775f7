"""Hold one of the numbers that were offered to the owner."""

from typing import Annotated

from pydantic import Field

from chepai.domain.refusals import (
    ApplicationUnknown,
    HoldingAnother,
    HoldLapsed,
    NoChoicesLeft,
    NotWaitingForThis,
    NumberNotOffered,
    NumberTaken,
    SelectionBarred,
)
from chepai.edge.api import Body, Call, route
from chepai.edge.choosing import Choosing
from chepai.edge.views import Case, case

choosing = Choosing.from_env()


class Choice(Body):
    """One number of the open batch, with or without the dot."""

    number: Annotated[str, Field(min_length=7, max_length=12)]


@route(
    "PUT", "/v1/applications/{application_id}/number", summary="Choose a number",
    body=Choice, answer=Case, tag="number",
    errors=(ApplicationUnknown, NotWaitingForThis, NumberNotOffered, NumberTaken, HoldLapsed,
            HoldingAnother, SelectionBarred, NoChoicesLeft),
)  # fmt: skip
def handler(call: Call[Choice]) -> Case:
    return case(choosing.choose(call, call.body.number))
