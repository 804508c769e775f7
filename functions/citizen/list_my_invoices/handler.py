"""List the cars invoiced to me, and how each can be registered."""

from chepai.domain.refusals import IdentityUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.knowing import Invoices, Knowing

knowing = Knowing.from_env()


@route(
    "GET", "/v1/me/invoices", summary="Cars invoiced to me that I may register",
    answer=Invoices, errors=(IdentityUnknown,), tag="me",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Invoices:
    return knowing.invoices(call.caller.person_id)
