"""Erase my data: at once what the law does not keep; the rest is stored only, with the reason."""

from chepai.domain.refusals import IdempotencyKeyReused, IdentityTooWeak, IdentityUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.data_requests import Asked
from chepai.edge.my_data import MyData

data = MyData.from_env()


@route(
    "POST", "/v1/me/erasure", summary="Erase my data",
    answer=Asked, status=201, keyed=True, tag="me", limit="create",
    errors=(IdentityTooWeak, IdentityUnknown, IdempotencyKeyReused),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Asked:
    return data.erase(call)
