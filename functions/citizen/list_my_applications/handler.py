"""List my applications, newest first."""

from chepai.edge.api import Answer, Call, NoBody, route
from chepai.edge.paging import PAGED, page_of
from chepai.edge.views import Brief, brief
from chepai.records.applications import Applications

applications = Applications.from_env()


class Mine(Answer):
    """A page of my applications."""

    applications: list[Brief]
    next: str | None = None


@route(
    "GET", "/v1/applications", summary="My applications",
    answer=Mine, query=PAGED, tag="follow",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Mine:
    limit, cursor = page_of(call.query)
    mine = call.caller.person_id
    found, following = applications.page_of_person(mine, limit=limit, after=cursor)
    return Mine(applications=[brief(each) for each in found], next=following or None)
