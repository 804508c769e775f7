"""Take in an application for a new registration certificate; the owner in person only."""

from typing import Annotated, Literal

from pydantic import Field

from chepai.domain.refusals import (
    AgentNotAllowed,
    AlreadyOpen,
    BannedFromApplying,
    IdempotencyKeyReused,
    IdentityUnknown,
    ServiceNotOffered,
    VehicleUnknown,
)
from chepai.edge.api import Body, Call, route
from chepai.edge.filing import Filed, Filing, NoticeBy, filed

filing = Filing.from_env()


class Reissue(Body):
    """The car, why its certificate is made anew, and whether somebody else acts."""

    vin: Annotated[str, Field(max_length=40)]
    reason: Literal["LOST", "DESTROYED", "DAMAGED"]
    as_agent: bool = False
    notice_by: NoticeBy = "SMS"


@route(
    "POST", "/v1/certificate-reissues", summary="File the reissue of a registration certificate",
    body=Reissue, answer=Filed, status=201, keyed=True, tag="apply",
    errors=(AgentNotAllowed, VehicleUnknown, AlreadyOpen, BannedFromApplying, IdentityUnknown,
            ServiceNotOffered, IdempotencyKeyReused), limit="create", guesses=(VehicleUnknown,),
)  # fmt: skip
def handler(call: Call[Reissue]) -> Filed:
    sent = call.body
    return filed(
        filing.file_reissue(
            call, sent.vin, sent.reason, as_agent=sent.as_agent, notice_by=sent.notice_by
        )
    )
