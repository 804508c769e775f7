"""Vehicle identification number 车辆识别代号 (GB 16735, the same as ISO 3779)."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import combinations

from chepai.domain.canonical import canonical

_FORM = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {
    **{digit: int(digit) for digit in "0123456789"},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_YEARS = {code: 2001 + place for place, code in enumerate("123456789ABCDEFGHJKLMNPRSTVWXY")}
_CYCLE = 30

# What a camera takes for what. I, O and Q never stand in a VIN, so they only ever go one way.
_MISTAKEN = {
    "O": "0",
    "Q": "0",
    "I": "1",
    "8": "B",
    "B": "8",
    "5": "S",
    "S": "5",
    "2": "Z",
    "Z": "2",
}
_IMPOSSIBLE = frozenset("IOQ")


class VinFault(StrEnum):
    """Why a text cannot be the VIN of the car in question; stable codes."""

    FORMAT = "VIN-FORMAT"
    CHECK = "VIN-CHECK"
    YEAR = "VIN-YEAR"
    SERIAL = "VIN-SERIAL"


def normalise(text: str) -> str:
    """The stored form; letters and digits are never exchanged for look-alikes (`candidates`)."""
    return canonical(text)


def why_invalid(text: str, *, domestic: bool = True) -> VinFault | None:
    """The first fault, or None.

    Check digit, year code and the digits of the serial bind cars made here only: imported cars,
    European ones above all, need not follow them. A right check digit proves no VIN: letters of
    equal value (A and J) exchange unseen, so compare whole strings with the certificate.
    """
    vin = normalise(text)
    if not _FORM.fullmatch(vin):
        return VinFault.FORMAT
    if not domestic:
        return None
    if vin[8] != check_digit(vin):
        return VinFault.CHECK
    if vin[9] not in _YEARS:
        return VinFault.YEAR
    if not vin[13:].isdigit():
        return VinFault.SERIAL
    return None


def check_digit(vin: str) -> str:
    """The ninth character that the other sixteen call for; `vin` has the right form."""
    rest = sum(_VALUES[each] * weight for each, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def same(one: str, other: str) -> bool:
    """Whether two texts name the same car: all seventeen characters, not the check alone."""
    return normalise(one) == normalise(other)


def model_year(text: str, *, today: date) -> int | None:
    """The model year of a domestic VIN; codes come back every 30 years, the latest one counts."""
    vin = normalise(text)
    year = _YEARS.get(vin[9]) if _FORM.fullmatch(vin) else None
    if year is None:
        return None
    # A model year may be sold from the year before.
    return year + (today.year + 1 - year) // _CYCLE * _CYCLE


def candidates(text: str, *, most: int = 5) -> tuple[str, ...]:
    """VINs that a misread text may have meant, fewest changes first; empty for a valid one.

    They are offered to a person and never chosen for them: several may pass the check.
    """
    vin = normalise(text)
    if len(vin) != len(_WEIGHTS) or why_invalid(vin) is None:
        return ()
    found: list[str] = []
    for meant in _readings(vin):
        if why_invalid(meant) is None and meant not in found:
            found.append(meant)
            if len(found) == most:
                break
    return tuple(found)


def _readings(vin: str) -> Iterator[str]:
    certain = "".join(_MISTAKEN[each] if each in _IMPOSSIBLE else each for each in vin)
    doubtful = [place for place, each in enumerate(vin) if each in _MISTAKEN.keys() - _IMPOSSIBLE]
    for changes in range(3):
        for places in combinations(doubtful, changes):
            letters = list(certain)
            for place in places:
                letters[place] = _MISTAKEN[certain[place]]
            yield "".join(letters)
