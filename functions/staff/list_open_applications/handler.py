"""List the open applications by who holds them, where they stand and how old they are."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.desk import QUERY, Desk, open_cases
from chepai.records.applications import Applications

applications = Applications.from_env()


@route(
    "GET", "/v1/staff/applications", summary="Open applications by holder, status and age",
    answer=Desk, query=QUERY,
    errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Desk:
    return open_cases(call, applications)
