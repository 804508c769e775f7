"""Hold a paper of a court or the police: a person is told of an investigation later."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, route
from chepai.edge.delaying import Delay, Delaying, Paper

delaying = Delaying.from_env()


@route(
    "POST", "/v1/staff/persons/{person_id}/disclosure-delays", summary="Tell of it later",
    body=Paper, answer=Delay, status=201, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[Paper]) -> Delay:
    return delaying.enter(call)
