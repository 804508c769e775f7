"""Give me a copy of my data: what is kept, what for, how long, and who got it."""

from chepai.domain.refusals import IdentityTooWeak, IdentityUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.my_data import Copy, MyData

data = MyData.from_env()


@route(
    "GET", "/v1/me/data", summary="A copy of my data",
    answer=Copy, errors=(IdentityTooWeak, IdentityUnknown), tag="me",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Copy:
    return data.copy(call)
