"""Numbers of vehicle invoices: the legacy form (code and number) and the fully digital one."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from chepai.domain.canonical import canonical

# Digital invoices began in 2021; an earlier year is a legacy code and number run together.
_DIGITAL = re.compile(r"2[1-9][0-9]{18}|[3-9][0-9]{19}")
_LEGACY = re.compile(r"([0-9]{12})/([0-9]{8})")
_PAIR = re.compile(r"\s*([0-9０-９]{12})\s*[^0-9０-９]+\s*([0-9０-９]{8})\s*")


class InvoiceNumberFault(StrEnum):
    """Why a text is no vehicle invoice number; stable code."""

    FORMAT = "INVOICE-NUMBER-FORMAT"


class InvoiceForm(StrEnum):
    """The two forms in use."""

    LEGACY = "LEGACY"
    DIGITAL = "DIGITAL"


class InvoiceTrade(StrEnum):
    """What a legacy invoice was issued for; a digital number does not say."""

    NEW_VEHICLE = "NEW_VEHICLE"
    USED_VEHICLE = "USED_VEHICLE"
    OTHER = "OTHER"


@dataclass(frozen=True)
class InvoiceNumber:
    """What a number says about itself; `region` is the tax office's area code."""

    form: InvoiceForm
    year: int | None
    region: str
    trade: InvoiceTrade | None


def normalise(text: str) -> str:
    """The stored form: twenty digits, or the legacy "code/number" with its stroke."""
    pair = _PAIR.fullmatch(text)
    return f"{canonical(pair[1])}/{canonical(pair[2])}" if pair else canonical(text)


def why_invalid(text: str) -> InvoiceNumberFault | None:
    """The first fault, or None."""
    number = normalise(text)
    if _DIGITAL.fullmatch(number) or _LEGACY.fullmatch(number):
        return None
    return InvoiceNumberFault.FORMAT


def read(text: str) -> InvoiceNumber | None:
    """What the number says, or None when it is invalid."""
    number = normalise(text)
    if _DIGITAL.fullmatch(number):
        return InvoiceNumber(InvoiceForm.DIGITAL, 2000 + int(number[:2]), number[2:4], None)
    legacy = _LEGACY.fullmatch(number)
    if not legacy:
        return None
    code = legacy[1]
    if code[0] == "0" and code[10:] == "17":
        return InvoiceNumber(InvoiceForm.LEGACY, None, code[1:5], InvoiceTrade.USED_VEHICLE)
    if code[0] != "0" and code[7] == "2":
        year = 2000 + int(code[5:7])
        return InvoiceNumber(InvoiceForm.LEGACY, year, code[1:5], InvoiceTrade.NEW_VEHICLE)
    return InvoiceNumber(InvoiceForm.LEGACY, None, code[1:5], InvoiceTrade.OTHER)


def issued_here(text: str, *, digital_regions: Collection[str], area: str) -> bool:
    """Whether a tax office of this city issued it.

    Cities with a separate state plan have a digital region of their own, not their province's:
    `digital_regions` is the profile's `tax.digital_region_codes`, `area` the four-digit code of
    the legacy form. An invoice from elsewhere is as good; it is only another office's.
    """
    known = read(text)
    if known is None:
        return False
    if known.form is InvoiceForm.DIGITAL:
        return known.region in digital_regions
    return known.region == area
