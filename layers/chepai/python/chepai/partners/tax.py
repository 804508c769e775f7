"""The tax office (税务): invoices, purchase tax, vehicle and vessel tax."""

from typing import Annotated, Literal

from pydantic import Field

from chepai.domain.facts import FactKind, Said, about_vin
from chepai.partners.manufacturer import plain_facts
from chepai.partners.message import (
    Blinding,
    Code,
    CreditCode,
    Day,
    Fen,
    Person,
    PlateKind,
    PlateNumber,
    Question,
    Statement,
    Vin,
    by_type,
)


class InvoiceIssued(Statement):
    """A vehicle sales invoice (机动车销售统一发票), legacy or fully digital."""

    TYPE = "invoice.issued"
    KIND = FactKind.INVOICE

    invoice_no: Annotated[str, Field(pattern=r"^([0-9]{20}|[0-9]{12}/[0-9]{8})$")]
    form: Literal["LEGACY", "DIGITAL"]
    kind: Literal["NEW_VEHICLE", "USED_VEHICLE"]
    buyer: Person
    vin: Vin
    certificate_no: Code
    price_fen: Fen
    seller_uscc: CreditCode
    issued_on: Day

    def subject(self) -> str:
        return about_vin(self.vin)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        words = {k: v for k, v in plain_facts(self).items() if k != "buyer"}
        return words | self.buyer.hidden("buyer", blind) | {"status": "NORMAL"}


class InvoiceReversed(InvoiceIssued):
    """The invoice was reversed by a red-letter one (红冲); it is stated whole."""

    TYPE = "invoice.reversed"

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return super().says(partner, blind) | {"status": "REVERSED"}


class PurchaseTaxSettled(Statement):
    """How a car stands with the purchase tax (车辆购置税)."""

    TYPE = "purchase_tax.settled"
    KIND = FactKind.PURCHASE_TAX

    vin: Vin
    status: Literal["PAID", "EXEMPT", "REDUCED", "UNPAID"]
    amount_fen: Fen = 0
    paid_on: Day | None = None
    taxpayer: Person | None = None

    def subject(self) -> str:
        return about_vin(self.vin)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        words = {k: v for k, v in plain_facts(self).items() if k != "taxpayer"}
        if self.taxpayer is None:
            return words
        hidden = self.taxpayer.hidden("taxpayer", blind)
        return words | {k: hidden[k] for k in ("taxpayer_blind", "taxpayer_masked")}


class VesselTaxSettled(Statement):
    """How a car stands with the vehicle and vessel tax (车船税) of a year."""

    TYPE = "vessel_tax.settled"
    KIND = FactKind.VESSEL_TAX

    vin: Vin
    status: Literal["PAID", "EXEMPT", "UNPAID"]
    year: Annotated[int, Field(ge=2000, le=2100)]

    def subject(self) -> str:
        return about_vin(self.vin)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return plain_facts(self)


MESSAGES = by_type(InvoiceIssued, InvoiceReversed, PurchaseTaxSettled, VesselTaxSettled)


class InvoiceAsked(Question):
    """The tax office is asked for a car's invoice."""

    TYPE = "invoice.asked"

    vin: Vin


class PurchaseTaxAsked(Question):
    """The tax office is asked about a car's purchase tax."""

    TYPE = "purchase_tax.asked"

    vin: Vin


class VesselTaxAsked(Question):
    """The tax office is asked about a car's vehicle and vessel tax."""

    TYPE = "vessel_tax.asked"

    vin: Vin


class PlateAssigned(Question):
    """Tax office and insurers are told the number of a car that they know by its VIN."""

    TYPE = "plate.assigned"

    vin: Vin
    plate_no: PlateNumber
    plate_kind: PlateKind


QUESTIONS = (InvoiceAsked, PurchaseTaxAsked, VesselTaxAsked, PlateAssigned)
