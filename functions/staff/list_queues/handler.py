"""List stuck and late cases by who holds them, the one that waits longest in front."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.queues import QUERY, Queues, QueuesNow

queues = Queues.from_env()


@route(
    "GET", "/v1/staff/queues", summary="Queues by holder, and what is stuck or late in them",
    answer=QueuesNow, query=QUERY, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> QueuesNow:
    return queues.read(call)
