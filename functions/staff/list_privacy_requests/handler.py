"""List what persons asked about their data and nobody has answered, the one due first in front."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.data_requests import Duties, Requests

requests = Requests.from_env()


@route("GET", "/v1/staff/data-requests", summary="Open requests about data", answer=Duties)
def handler(call: Call[NoBody]) -> Duties:
    return requests.waiting(call)
