"""Keep where plates and papers are brought to; only the vault holds it."""

from typing import Annotated

from pydantic import Field

from chepai.domain.refusals import (
    ApplicationUnknown,
    IdentityTooWeak,
    IdentityUnknown,
    NotWaitingForThis,
)
from chepai.edge.addressing import Addressing, Kept
from chepai.edge.api import Body, Call, route

addressing = Addressing.from_env()


class Delivery(Body):
    """The address as the courier reads it; a telephone only if it is another than known."""

    address: Annotated[str, Field(max_length=400)]
    phone: Annotated[str, Field(max_length=30)] | None = None


@route(
    "PUT", "/v1/applications/{application_id}/delivery-address", summary="Delivery address",
    body=Delivery, answer=Kept, tag="deliver",
    errors=(ApplicationUnknown, NotWaitingForThis, IdentityUnknown, IdentityTooWeak),
)  # fmt: skip
def handler(call: Call[Delivery]) -> Kept:
    return addressing.keep(call, call.body.address, call.body.phone)
