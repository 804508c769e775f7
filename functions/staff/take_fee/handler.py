"""Take the ordered fee at the desk, in cash or by card, and give a receipt."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    FieldInvalid,
    NotWaitingForThis,
    SessionOver,
    VersionConflict,
)
from chepai.edge.api import Call, route
from chepai.edge.taking import FeeReceipt, TakeFee, TakingFees

taking = TakingFees.from_env()


@route(
    "POST", "/v1/staff/applications/{application_id}/takings", summary="Take the fee at the desk",
    body=TakeFee, answer=FeeReceipt, status=201, limit="pay",
    errors=(ApplicationUnknown, FieldInvalid, NotWaitingForThis, SessionOver, VersionConflict),
)  # fmt: skip
def handler(call: Call[TakeFee]) -> FeeReceipt:
    return taking.take(call)
