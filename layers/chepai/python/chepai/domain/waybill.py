"""Numbers of parcels: the courier's domestic waybill and the postal union's S10."""

import re
from enum import StrEnum

from chepai.domain.canonical import canonical

_DOMESTIC = re.compile(r"[19][0-9]{12}")
_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


class WaybillFault(StrEnum):
    """Why a text is no waybill number; stable codes."""

    FORMAT = "WAYBILL-FORMAT"
    CHECK = "WAYBILL-CHECK"


def normalise(text: str) -> str:
    """The stored form."""
    return canonical(text)


def why_invalid(text: str) -> WaybillFault | None:
    """The first fault, or None; a domestic waybill has no public check, the courier knows."""
    number = normalise(text)
    if _DOMESTIC.fullmatch(number):
        return None
    if not _S10.fullmatch(number):
        return WaybillFault.FORMAT
    return None if number[10] == s10_check(number[2:10]) else WaybillFault.CHECK


def s10_check(digits: str) -> str:
    """The check digit of an S10 identifier's eight digits."""
    total = sum(int(each) * weight for each, weight in zip(digits, _S10_WEIGHTS, strict=True))
    rest = 11 - total % 11
    return str({10: 0, 11: 5}.get(rest, rest))
