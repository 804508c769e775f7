"""Answer what a person asked about their data; an appeal is answered by somebody else."""

from chepai.domain.data_requests import Outcome
from chepai.domain.refusals import DataRequestUnknown, NotToAnswer
from chepai.edge.api import Body, Call, route
from chepai.edge.data_requests import OnDuty
from chepai.edge.relatives import Answering

answering = Answering.from_env()


class Reply(Body):
    """The answer as one of the words that fit the request."""

    outcome: Outcome


@route(
    "POST", "/v1/staff/data-requests/{request_id}/answer", summary="Answer a request about data",
    body=Reply, answer=OnDuty, errors=(DataRequestUnknown, NotToAnswer),
)  # fmt: skip
def handler(call: Call[Reply]) -> OnDuty:
    return answering.answer(call, call.body.outcome)
