"""Open the order for the fee at the treasury's gateway; never a second one."""

from chepai.domain.refusals import (
    AddressMissing,
    AlreadyPaid,
    ApplicationUnknown,
    HoldLapsed,
    NotWaitingForThis,
)
from chepai.edge.api import Call, NoBody, route
from chepai.edge.paying import Order, Paying

paying = Paying.from_env()


@route(
    "POST", "/v1/applications/{application_id}/payments", summary="Pay the fee",
    answer=Order, status=201, keyed=True, tag="pay",
    errors=(ApplicationUnknown, NotWaitingForThis, AlreadyPaid, AddressMissing,
            HoldLapsed), limit="pay",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Order:
    return paying.order(call)
