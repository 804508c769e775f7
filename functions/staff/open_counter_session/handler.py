"""Open a session for who sits at the desk, by the reading of their card."""

from chepai.domain.refusals import CounterCodeUnknown, OwnCase, ReadingUnknown, SessionOpen
from chepai.edge.api import Call, route
from chepai.edge.counter import CounterSession, OpenSession, Serving

serving = Serving.from_env()


@route(
    "POST", "/v1/staff/sessions", summary="Open a session at the counter",
    body=OpenSession, answer=CounterSession, status=201, limit="create",
    errors=(CounterCodeUnknown, OwnCase, ReadingUnknown, SessionOpen),
)  # fmt: skip
def handler(call: Call[OpenSession]) -> CounterSession:
    return serving.open(call)
