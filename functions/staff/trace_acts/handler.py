"""Follow a thread: from a fact, an actor, a partner, a rule or a person to every act it touched."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, route
from chepai.edge.tracing import Trace, TraceAsked, Tracing

tracing = Tracing.from_env()


@route(
    "POST", "/v1/staff/traces", summary="Trace acts by fact, actor, partner, rule or person",
    body=TraceAsked, answer=Trace, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[TraceAsked]) -> Trace:
    return tracing.follow(call)
