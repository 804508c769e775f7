"""Take in an application to register a new car, and start its verification at once."""

from typing import Annotated, Any

from pydantic import Field

from chepai.domain import vin as vins
from chepai.domain.refusals import (
    AlreadyOpen,
    BannedFromApplying,
    FieldInvalid,
    FieldProblem,
    IdempotencyKeyReused,
    IdentityUnknown,
    ServiceNotOffered,
    VehicleAlreadyRegistered,
    VehicleUnknown,
)
from chepai.edge.api import Body, Call, route
from chepai.edge.filing import Filed, Filing, NoticeBy, filed

filing = Filing.from_env()


class NewCar(Body):
    """The car by its VIN, and what the owner alone can state: its use (A: not for hire), and how
    they want to be told."""

    vin: Annotated[str, Field(max_length=40)]
    use_character: Annotated[str, Field(pattern=r"^[A-Z]$")] = "A"
    notice_by: NoticeBy = "SMS"


@route(
    "POST", "/v1/new-car-registrations", summary="File the registration of a new car",
    body=NewCar, answer=Filed, status=201, keyed=True, tag="apply",
    errors=(VehicleUnknown, VehicleAlreadyRegistered, AlreadyOpen, BannedFromApplying,
            IdentityUnknown, ServiceNotOffered, IdempotencyKeyReused),
    limit="create", guesses=(VehicleUnknown,),
)  # fmt: skip
def handler(call: Call[NewCar]) -> Filed:
    vin = vins.normalise(call.body.vin)
    if fault := vins.why_invalid(vin):
        raise FieldInvalid(FieldProblem("vin", fault.value))
    if not filing.profile().newcar.enabled:
        raise ServiceNotOffered
    entries: dict[str, Any] = {"use_character": call.body.use_character}
    return filed(filing.file_new_car(call, vin, entries, notice_by=call.body.notice_by))
