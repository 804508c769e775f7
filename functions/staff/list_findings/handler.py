"""List open findings, the one due first in front; who only answers sees their own."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.findings import QUERY, Findings, FindingsPage

findings = Findings.from_env()


@route(
    "GET", "/v1/staff/findings", summary="Open findings",
    answer=FindingsPage, query=QUERY, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> FindingsPage:
    return findings.page(call)
