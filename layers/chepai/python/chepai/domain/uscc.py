"""Unified social credit code 统一社会信用代码 (GB 32100) of dealers, lenders and insurers."""

import re
from enum import StrEnum

from chepai.domain.canonical import canonical

# The library's own validation wants eight digits in front, and so refuses lawful codes whose
# registering authority is a letter (farmers' co-operatives are N2); its arithmetic is right.
_FORM = re.compile(r"[1-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class UsccFault(StrEnum):
    """Why a text is no credit code; stable codes."""

    FORMAT = "USCC-FORMAT"
    CHECK = "USCC-CHECK"
    ORGANISATION = "USCC-ORGANISATION"


def normalise(text: str) -> str:
    """The stored form."""
    return canonical(text)


def why_invalid(text: str) -> UsccFault | None:
    """The first fault, or None; both checks count, the inner one of the organisation too."""
    code = normalise(text)
    if not _FORM.fullmatch(code):
        return UsccFault.FORMAT
    if code[17] != check_character(code):
        return UsccFault.CHECK
    if code[16] != organisation_check(code[8:16]):
        return UsccFault.ORGANISATION
    return None


def check_character(code: str) -> str:
    """The last character that the first seventeen call for."""
    from stdnum.cn import uscc

    return str(uscc.calc_check_digit(code))


def organisation_check(body: str) -> str:
    """The check of the eight-character organisation code inside (GB 11714)."""
    total = sum(
        int(each, 36) * weight for each, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]
