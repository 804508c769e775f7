"""End a delay before its time: the person is told from now on."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.delaying import Delay, Delaying

delaying = Delaying.from_env()


@route(
    "DELETE", "/v1/staff/persons/{person_id}/disclosure-delays/{hold}", summary="End a delay",
    answer=Delay, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Delay:
    return delaying.end(call)
