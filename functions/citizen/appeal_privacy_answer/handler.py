"""Appeal an answer about my data: somebody else decides once more."""

from chepai.domain.refusals import DataRequestUnknown, NotToAppeal
from chepai.edge.api import Call, NoBody, route
from chepai.edge.data_requests import Asked, Requests

requests = Requests.from_env()


@route(
    "POST", "/v1/me/data-requests/{request_id}/appeal", summary="Appeal an answer about my data",
    answer=Asked, tag="me", errors=(DataRequestUnknown, NotToAppeal),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Asked:
    return requests.appeal(call)
