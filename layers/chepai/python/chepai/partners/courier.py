"""The courier (邮政速递): where a parcel is, and whether the person on the address took it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from chepai.domain.facts import FactKind, Said, about_application
from chepai.partners.message import (
    ApplicationId,
    Blinding,
    Code,
    Name,
    Phone,
    Question,
    Statement,
    Text,
    by_type,
)

# One parcel with everything, or plates and papers apart.
Parcel = Literal["ALL", "PLATES", "PAPERS"]


class ParcelCollected(Statement):
    """The courier took the parcel over."""

    TYPE = "parcel.collected"
    KIND = FactKind.DELIVERY
    ORDERED_FROM = "courier"
    STATE: ClassVar[str] = "COLLECTED"

    application_id: ApplicationId
    order_no: Code
    parcel: Parcel
    waybill: Code
    identity_shown: bool = False
    attempts: Annotated[int, Field(ge=0, le=20)] = 0

    def subject(self) -> str:
        return about_application(self.application_id)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return {
            "order_no": self.order_no,
            "parcel": self.parcel,
            "waybill": self.waybill,
            "state": self.STATE,
            "identity_shown": self.identity_shown,
            "attempts": self.attempts,
        }


class ParcelOnTheWay(ParcelCollected):
    """The parcel moved on."""

    TYPE = "parcel.on_the_way"
    STATE = "ON_THE_WAY"


class ParcelDelivered(ParcelCollected):
    """The parcel was handed over; `identity_shown` says whether the person showed an ID."""

    TYPE = "parcel.delivered"
    STATE = "DELIVERED"


class ParcelAttemptFailed(ParcelCollected):
    """Nobody took it; `attempts` counts the tries."""

    TYPE = "parcel.attempt_failed"
    STATE = "FAILED_ATTEMPT"


class ParcelReturned(ParcelCollected):
    """The parcel is back at the office."""

    TYPE = "parcel.returned"
    STATE = "RETURNED"


class ParcelLost(ParcelCollected):
    """The courier cannot find the parcel."""

    TYPE = "parcel.lost"
    STATE = "LOST"


MESSAGES = by_type(
    ParcelCollected,
    ParcelOnTheWay,
    ParcelDelivered,
    ParcelAttemptFailed,
    ParcelReturned,
    ParcelLost,
)


class ParcelOrdered(Question):
    """A parcel is handed to the courier; `order_no` makes a repeated order the same parcel."""

    TYPE = "parcel.ordered"
    PURPOSE = "delivery"
    FIELDS = ("name", "phone", "address")

    application_id: ApplicationId
    order_no: Code
    parcel: Parcel
    name: Name
    phone: Phone
    address: Text


class ParcelTraced(Question):
    """The courier is asked where a parcel is."""

    TYPE = "parcel.traced"

    application_id: ApplicationId
    parcel: Parcel
    order_no: Code


class ParcelCancelled(Question):
    """A parcel that was not yet collected is called off."""

    TYPE = "parcel.cancelled"

    application_id: ApplicationId
    parcel: Parcel
    order_no: Code


QUESTIONS = (ParcelOrdered, ParcelTraced, ParcelCancelled)
