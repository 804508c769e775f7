"""Dispute what an agency said: it is asked to look again by a day that the owner sees."""

from typing import Annotated, Literal

from pydantic import Field

from chepai.domain.facts import FactKind
from chepai.domain.refusals import ApplicationUnknown, FieldInvalid, NotWaitingForThis
from chepai.edge.api import Body, Call, route
from chepai.edge.disputing import Dispute, Disputing

disputing = Disputing.from_env()


class Doubt(Body):
    """Which fact seems wrong, in which field, and in what way. Nothing else need be sent."""

    kind: Literal["F01", "F03", "F04", "F05", "F06", "F07", "F08", "F09", "F10", "F14"]
    field: Annotated[str, Field(pattern=r"^[a-z_.]{1,64}$")] | None = None
    reason: Literal["WRONG_PERSON", "WRONG_CAR", "WRONG_VALUE", "OUT_OF_DATE", "MISSING", "OTHER"]


@route(
    "POST", "/v1/applications/{application_id}/disputes", summary="Dispute an agency's fact",
    body=Doubt, answer=Dispute, status=201, tag="put right",
    errors=(ApplicationUnknown, NotWaitingForThis, FieldInvalid), limit="create",
)  # fmt: skip
def handler(call: Call[Doubt]) -> Dispute:
    kind = FactKind(call.body.kind)
    return disputing.dispute(call, kind, call.body.field, call.body.reason)
