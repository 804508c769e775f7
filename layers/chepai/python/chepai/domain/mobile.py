"""Mobile telephone numbers: a way to reach the owner, never a proof of who they are."""

import re
from enum import StrEnum

from chepai.domain.canonical import canonical

_FORM = re.compile(r"1[3-9][0-9]{9}")
_COUNTRY = re.compile(r"(?:\+|00)86")


class MobileFault(StrEnum):
    """Why a text is no mobile number; stable code."""

    FORMAT = "MOBILE-FORMAT"


def normalise(text: str) -> str:
    """Eleven digits without the country code +86 or 0086."""
    number = canonical(text).replace("(", "").replace(")", "")
    return _COUNTRY.sub("", number, count=1) if number[:1] in {"+", "0"} else number


def why_invalid(text: str) -> MobileFault | None:
    """The first fault, or None."""
    return None if _FORM.fullmatch(normalise(text)) else MobileFault.FORMAT
