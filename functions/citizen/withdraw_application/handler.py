"""Withdraw: until registration everything is undone; after it, say what is possible instead."""

from chepai.domain.refusals import (
    ApplicationUnknown,
    BeingRegistered,
    NotWaitingForThis,
    TooLate,
)
from chepai.edge.api import Call, NoBody, route
from chepai.edge.views import Case, case
from chepai.edge.withdrawing import Withdrawing

withdrawing = Withdrawing.from_env()


@route(
    "POST", "/v1/applications/{application_id}/withdrawal", summary="Withdraw",
    answer=Case, status=202, tag="put right",
    errors=(ApplicationUnknown, TooLate, BeingRegistered, NotWaitingForThis),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Case:
    return case(withdrawing.withdraw(call))
