"""Open the application behind a counter code: it goes on where the phone left it."""

from chepai.domain.refusals import CounterCodeUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.continuing import case_behind
from chepai.edge.desk import OnDesk, shown
from chepai.edge.disclosing import COUNTER
from chepai.records.applications import Applications

applications = Applications.from_env()


@route(
    "GET", "/v1/staff/counter-codes/{code}", summary="Go on at a counter",
    answer=OnDesk, errors=(CounterCodeUnknown,), limit="lookup",
)  # fmt: skip
def handler(call: Call[NoBody]) -> OnDesk:
    return shown(call, case_behind(call.path["code"], applications), COUNTER)
