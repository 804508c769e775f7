"""Number of a compulsory insurance policy 交强险保单号: each insurer has its own form."""

import re
from enum import StrEnum

from chepai.domain.canonical import canonical

_FORM = re.compile(r"[A-Z0-9]{15,30}")


class PolicyNumberFault(StrEnum):
    """Why a text is no policy number; stable code."""

    FORMAT = "POLICY-NUMBER-FORMAT"


def normalise(text: str) -> str:
    """The stored form."""
    return canonical(text)


def why_invalid(text: str) -> PolicyNumberFault | None:
    """The first fault, or None; no check digit exists, the insurance platform knows."""
    return None if _FORM.fullmatch(normalise(text)) else PolicyNumberFault.FORMAT
