"""List what I asked about my data, with the answers."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.data_requests import AskedAll, Requests

requests = Requests.from_env()


@route(
    "GET", "/v1/me/data-requests", summary="What I asked about my data",
    answer=AskedAll, tag="me",
)  # fmt: skip
def handler(call: Call[NoBody]) -> AskedAll:
    return requests.mine(call)
