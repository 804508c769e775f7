"""The manufacturer (汽车生产企业): conformity certificates and pre-inspections of its own cars."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from chepai.domain import vin
from chepai.domain.facts import FactKind, Said, about_vin
from chepai.partners.message import (
    Blinding,
    Code,
    Day,
    Model,
    Part,
    Question,
    Statement,
    Vin,
    by_type,
    plain,
)

VehicleClass = Annotated[str, Field(pattern=r"^[A-Z_]{3,40}$")]


class Parameters(Part):
    """What certificate and product announcement both state, so that they can be compared."""

    length_mm: Annotated[int, Field(ge=1000, le=30_000)]
    mass_kg: Annotated[int, Field(ge=100, le=60_000)]
    seats: Annotated[int, Field(ge=1, le=99)]
    displacement_ml: Annotated[int, Field(ge=0, le=20_000)]


class CertificateIssued(Statement):
    """A conformity certificate (合格证), or the whole of it again after a correction."""

    TYPE = "certificate.issued"
    KIND = FactKind.CERTIFICATE

    certificate_no: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{3}[A-Z0-9]{10,11}$")]
    vin: Vin
    model: Model
    engine_no: Code
    colour: Annotated[str, Field(min_length=1, max_length=20)]
    origin: Literal["DOMESTIC", "IMPORTED"]
    vehicle_class: VehicleClass
    energy: Literal[
        "PETROL",
        "DIESEL",
        "HYBRID",
        "PURE_ELECTRIC",
        "PLUG_IN_HYBRID",
        "RANGE_EXTENDER",
        "FUEL_CELL",
    ]
    issued_on: Day
    left_factory_on: Day
    params: Parameters

    @model_validator(mode="after")
    def _vin_is_right(self) -> Self:
        # Only cars made here need a right check digit (GB 16735).
        if vin.why_invalid(self.vin, domestic=self.origin == "DOMESTIC"):
            raise ValueError("VIN")
        return self

    def subject(self) -> str:
        return about_vin(self.vin)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return plain_facts(self) | {"maker": partner, "status": "VALID"}


class CertificateVoided(CertificateIssued):
    """The certificate no longer holds; it is stated whole, so that the newest fact says all."""

    TYPE = "certificate.voided"

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return super().says(partner, blind) | {"status": "VOID"}


class PreInspectionRecorded(Statement):
    """The pre-inspection at the factory (预查验)."""

    TYPE = "pre_inspection.recorded"
    KIND = FactKind.PRE_INSPECTION

    vin: Vin
    result: Literal["PASSED", "FAILED"]
    inspected_on: Day
    record_no: Code
    accident: bool

    def subject(self) -> str:
        return about_vin(self.vin)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return plain_facts(self)


MESSAGES = by_type(CertificateIssued, CertificateVoided, PreInspectionRecorded)


class CertificateAsked(Question):
    """The maker is asked for a car's certificate."""

    TYPE = "certificate.asked"

    vin: Vin


class PreInspectionAsked(Question):
    """The maker is asked for a car's pre-inspection record."""

    TYPE = "pre_inspection.asked"

    vin: Vin


QUESTIONS = (CertificateAsked, PreInspectionAsked)


def plain_facts(said: Statement) -> dict[str, Said]:
    """All words of a statement without personal data, less what the fact itself records."""
    return {k: v for k, v in plain(said).items() if k not in {"reply_to", "valid_until"}}
