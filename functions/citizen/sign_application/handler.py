"""Keep the owner's signature: what the agencies supplied is confirmed, its truth declared."""

from typing import Annotated, Literal

from pydantic import Field

from chepai.domain.refusals import (
    ApplicationUnknown,
    IdentityTooWeak,
    NotWaitingForThis,
    VersionConflict,
)
from chepai.edge.api import Body, Call, route
from chepai.edge.confirming import Signing
from chepai.edge.views import Case, case

signing = Signing.from_env()


class Signature(Body):
    """`digest` is that of the confirmation as the application shows it."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    declared_true: Literal[True]


@route(
    "POST", "/v1/applications/{application_id}/signature", summary="Confirm and sign",
    body=Signature, answer=Case, tag="apply",
    errors=(ApplicationUnknown, NotWaitingForThis, IdentityTooWeak, VersionConflict),
)  # fmt: skip
def handler(call: Call[Signature]) -> Case:
    return case(signing.sign(call, call.body.digest))
