"""Have my data stored and not used, or end that."""

from chepai.domain.refusals import IdempotencyKeyReused, IdentityUnknown
from chepai.edge.api import Body, Call, route
from chepai.edge.data_requests import Asked
from chepai.edge.my_data import MyData

data = MyData.from_env()


class Restriction(Body):
    """Whether the data may be used again."""

    lifted: bool = False


@route(
    "POST", "/v1/me/restriction", summary="Have my data stored and not used",
    body=Restriction, answer=Asked, status=201, keyed=True, tag="me", limit="create",
    errors=(IdentityUnknown, IdempotencyKeyReused),
)  # fmt: skip
def handler(call: Call[Restriction]) -> Asked:
    return data.restrict(call, lifted=call.body.lifted)
