"""List what happened to my applications, newest first, told from the ledger."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.messages import Messages, Telling
from chepai.edge.paging import PAGED, page_of

telling = Telling.from_env()


@route(
    "GET", "/v1/me/messages", summary="My messages",
    answer=Messages, query=PAGED, tag="me",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Messages:
    limit, cursor = page_of(call.query)
    return telling.page(call.caller.person_id, limit=limit, cursor=cursor)
