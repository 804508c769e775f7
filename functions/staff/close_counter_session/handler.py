"""Close a session: the person has gone, and its minutes are counted."""

from chepai.domain.refusals import SessionOver
from chepai.edge.api import Call, NoBody, route
from chepai.edge.counter import CounterSession, Serving

serving = Serving.from_env()


@route(
    "DELETE", "/v1/staff/sessions/{session_id}", summary="Close a session at the counter",
    answer=CounterSession, errors=(SessionOver,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> CounterSession:
    return serving.close(call)
