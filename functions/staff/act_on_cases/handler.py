"""Do one act on up to fifty cases and answer for each; what takes two is only proposed."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, route
from chepai.edge.operating import ActsDone, Operating, OperatorsAct

operating = Operating.from_env()


@route(
    "POST", "/v1/staff/acts", summary="Remind, resume, hand over, or propose, for several cases",
    body=OperatorsAct, answer=ActsDone, errors=(FieldInvalid,), keyed=True,
    limit="create",
)  # fmt: skip
def handler(call: Call[OperatorsAct]) -> ActsDone:
    return operating.act(call)
