"""Correct what the owner stated; what an agency said can only be disputed."""

from typing import Annotated

from pydantic import Field

from chepai.domain.refusals import (
    ApplicationUnknown,
    FieldInvalid,
    NotWaitingForThis,
    OnlyDisputable,
)
from chepai.edge.api import Body, Call, route
from chepai.edge.correcting import Correcting
from chepai.edge.views import Case, case

correcting = Correcting.from_env()


class Entries(Body):
    """Own entries by name, such as `use_character` of a new car or `reason` of a reissue."""

    entries: Annotated[dict[str, Annotated[str, Field(max_length=40)]], Field(max_length=20)]


@route(
    "PATCH", "/v1/applications/{application_id}/entries", summary="Correct own entries",
    body=Entries, answer=Case, tag="put right",
    errors=(ApplicationUnknown, NotWaitingForThis, OnlyDisputable, FieldInvalid),
)  # fmt: skip
def handler(call: Call[Entries]) -> Case:
    return case(correcting.correct(call, call.body.entries))
