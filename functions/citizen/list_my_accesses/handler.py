"""List who looked at my data, newest first, each with its proof once the ledger is sealed."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.my_accesses import QUERY, MyAccesses, Seens

accesses = MyAccesses.from_env()


@route(
    "GET", "/v1/me/accesses", summary="Who looked at my data",
    answer=Seens, query=QUERY, errors=(FieldInvalid,), tag="me",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Seens:
    return accesses.page(call)
