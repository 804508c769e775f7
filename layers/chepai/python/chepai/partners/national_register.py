"""The national register (全国统一登记系统): the authority on numbers, vehicles and certificates."""

from typing import Annotated, ClassVar

from pydantic import Field

from chepai.domain.facts import FactKind, Said, about_application, about_segment
from chepai.partners.manufacturer import plain_facts
from chepai.partners.message import (
    ApplicationId,
    Blinding,
    Code,
    Day,
    IdNumber,
    Instant,
    Name,
    PlateKind,
    PlateNumber,
    Question,
    Statement,
    Text,
    Vin,
    by_type,
)
from chepai.partners.statement import LINES_A_PAGE, RegistrationLine, Stated, StatementAsked

CertificateNo = Annotated[str, Field(pattern=r"^[0-9]{12}$")]


def padded(secret: str, segment_id: str, blind: Blinding) -> str:
    """A segment's secret under its pad, or out from under it: the same act does both. Hex."""
    pad = bytes.fromhex(blind("pool", segment_id))
    return bytes(a ^ b for a, b in zip(bytes.fromhex(secret), pad, strict=True)).hex()


class SegmentOpened(Statement):
    """A segment of numbers is opened to the city.

    `pattern` has a D, L or A for each place of the serial: digit, one of the opened `letters`, or
    either. `commitment` is the SHA-256 of the secret that numbers are dealt by (`domain/pool.py`),
    `randomness` public and made after it, `secret` for the dealing alone until the segment closes.
    """

    TYPE = "segment.opened"
    KIND = FactKind.SEGMENT

    segment_id: Code
    plate_kind: PlateKind
    prefix: Annotated[str, Field(min_length=2, max_length=2)]
    pattern: Annotated[str, Field(pattern=r"^[DLA]{5,6}$")]
    letters: Annotated[str, Field(pattern=r"^[A-HJ-NP-Z]{0,24}$")] = ""
    commitment: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    randomness: Code
    secret: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    random_only_until: Day | None = None
    opens_at: Instant

    def subject(self) -> str:
        return about_segment(self.segment_id)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        words = plain_facts(self) | {"state": "OPEN"}
        secret = words.pop("secret", None)
        # A fact may be read by many: the secret lies in it under a pad of our key service.
        return words | {"sealed": padded(str(secret), self.segment_id, blind) if secret else None}


class SegmentClosed(Statement):
    """The segment is closed and the secret of its deals revealed, in hex."""

    TYPE = "segment.closed"
    KIND = FactKind.SEGMENT

    segment_id: Code
    secret: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    def subject(self) -> str:
        return about_segment(self.segment_id)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return plain_facts(self) | {"state": "CLOSED"}


class _Answered(Statement):
    KIND = FactKind.REGISTER
    RESULT: ClassVar[str]

    application_id: ApplicationId

    def subject(self) -> str:
        return about_application(self.application_id)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        words = {k: v for k, v in plain_facts(self).items() if k != "application_id"}
        return (
            {"certificate_no": None, "registered_at": None, "reason": None}
            | words
            | {"result": self.RESULT}
        )


class VehicleRegistered(_Answered):
    """The vehicle is in the register, with its number and its certificate."""

    TYPE = "vehicle.registered"
    RESULT = "REGISTERED"

    vin: Vin
    plate_no: PlateNumber
    certificate_no: CertificateNo
    registered_at: Instant


class CertificateReplaced(VehicleRegistered):
    """The old certificate is void and a new one, with a new number, in its place."""

    TYPE = "certificate.replaced"
    RESULT = "REPLACED"


class VehicleRefused(_Answered):
    """The register does not take the vehicle; `reason` is its own code."""

    TYPE = "vehicle.refused"
    RESULT = "REFUSED"

    reason: Code


class RegistrationCancelled(_Answered):
    """The registration was cancelled before it took effect."""

    TYPE = "registration.cancelled"
    RESULT = "CANCELLED"


class RegistrationUnknown(_Answered):
    """The answer to a query: nothing was ever registered under this key."""

    TYPE = "registration.unknown"
    RESULT = "UNKNOWN"


class RegistrationsStated(Stated):
    """What the register did for this city on a day."""

    TYPE = "registrations.stated"
    KIND = FactKind.REGISTRATIONS_STATED

    lines: Annotated[list[RegistrationLine], Field(max_length=LINES_A_PAGE)]


MESSAGES = by_type(
    SegmentOpened,
    SegmentClosed,
    VehicleRegistered,
    CertificateReplaced,
    VehicleRefused,
    RegistrationCancelled,
    RegistrationUnknown,
    RegistrationsStated,
)


class SegmentsAsked(Question):
    """The register is asked to open segments of a plate kind to the city."""

    TYPE = "segments.asked"

    plate_kind: PlateKind


class _OwnerNamed(Question):
    PURPOSE = "registration"
    FIELDS = ("name", "id_number", "address")

    application_id: ApplicationId
    vin: Vin
    plate_no: PlateNumber
    plate_kind: PlateKind
    name: Name
    id_number: IdNumber
    address: Text | None = None


class RegistrationAsked(_OwnerNamed):
    """Register the vehicle. The application's id is the key: asked again, it answers the same."""

    TYPE = "registration.asked"

    certificate_no: Annotated[Code, Field(description="conformity certificate")]


class RegistrationQueried(Question):
    """What became of the application with this key: the only way to ask again."""

    TYPE = "registration.queried"

    application_id: ApplicationId


class CancellationAsked(Question):
    """Cancel a registration that has not taken effect."""

    TYPE = "cancellation.asked"

    application_id: ApplicationId


class ReplacementAsked(_OwnerNamed):
    """Void a registration certificate and issue another; the application's id is the key."""

    TYPE = "replacement.asked"

    old_certificate_no: Annotated[Code, Field(description="the certificate to void")]


class RegistrationsAsked(StatementAsked):
    """What the register did on a day is asked for."""

    TYPE = "registrations.asked"


QUESTIONS = (
    SegmentsAsked,
    RegistrationAsked,
    RegistrationQueried,
    CancellationAsked,
    ReplacementAsked,
    RegistrationsAsked,
)
