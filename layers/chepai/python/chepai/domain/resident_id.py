"""Citizen identity number 公民身份号码 (GB 11643) and the permits that share its form."""

import re
from datetime import date
from enum import StrEnum

from chepai.domain.canonical import canonical

_FORM = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OTHER_FORMS = (
    # Permanent residence before 2023: three letters of the country, twelve digits.
    re.compile(r"[A-Z]{3}[0-9]{12}"),
    # Passports and military papers have no check of their own.
    re.compile(r"[A-Z0-9]{5,20}"),
)
_FIRST_BIRTH = date(1900, 1, 1)


class ResidentIdFault(StrEnum):
    """Why a text is no identity number; stable codes."""

    FORMAT = "ID-FORMAT"
    CHECK = "ID-CHECK"
    BIRTH = "ID-BIRTH"


class Document(StrEnum):
    """Which lawful identity document a number belongs to (R164 Art. 89)."""

    RESIDENT = "RESIDENT"
    HK_MO_TW_PERMIT = "HK_MO_TW_PERMIT"
    PERMANENT_RESIDENT = "PERMANENT_RESIDENT"
    OTHER = "OTHER"
    NONE = "NONE"


def normalise(text: str) -> str:
    """The stored form; a lower-case x becomes X."""
    return canonical(text)


def why_invalid(text: str, *, today: date) -> ResidentIdFault | None:
    """The first fault of an 18-character number, or None; other documents are `document`'s."""
    number = normalise(text)
    if not _FORM.fullmatch(number):
        return ResidentIdFault.FORMAT
    if number[-1] != check_character(number):
        return ResidentIdFault.CHECK
    birth = _birth(number)
    if birth is None or not _FIRST_BIRTH <= birth <= today:
        return ResidentIdFault.BIRTH
    return None


def check_character(number: str) -> str:
    """The last character that the first seventeen digits call for."""
    # The library's whole validation looks the place up in a list and refuses those it does not
    # know: new counties, and all residence permits (81, 82, 83, 9). Only its arithmetic serves.
    from stdnum.cn import ric

    return str(ric.calc_check_digit(f"{number[:17]}X"))


def document(text: str, *, today: date) -> Document:
    """Which document a number is from; those without a public check are OTHER."""
    number = normalise(text)
    if why_invalid(number, today=today) is None:
        if number[:2] in {"81", "82", "83"}:
            return Document.HK_MO_TW_PERMIT
        return Document.PERMANENT_RESIDENT if number[0] == "9" else Document.RESIDENT
    # Eighteen digits that fail the check are a mistyped number, not a passport.
    if len(number) != 18 and any(form.fullmatch(number) for form in _OTHER_FORMS):
        return Document.OTHER
    return Document.NONE


def born_on(text: str) -> date:
    """The date of birth in a valid number; ValueError when there is none."""
    birth = _birth(normalise(text))
    if birth is None:
        raise ValueError("no date of birth in this number")
    return birth


def born_year(text: str) -> int:
    """The year of birth: all of the date that leaves the protected record."""
    return born_on(text).year


def age_on(text: str, day: date) -> int:
    """Full years of age on a day; who was born on 29 February turns older on 1 March."""
    birth = born_on(text)
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _birth(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
