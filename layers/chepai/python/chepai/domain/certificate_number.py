"""Number of a car's certificate of conformity 整车出厂合格证编号."""

import re
from enum import StrEnum

from chepai.domain.canonical import canonical

# Four characters of the maker, then eleven; ten on older ones. No check digit is public, so the
# number is a key to look up, and proves nothing by its form.
_FORM = re.compile(r"[A-Z][A-Z0-9]{3}[A-Z0-9]{10,11}")


class CertificateNumberFault(StrEnum):
    """Why a text is no certificate number; stable code."""

    FORMAT = "CERTIFICATE-NUMBER-FORMAT"


def normalise(text: str) -> str:
    """The stored form."""
    return canonical(text)


def why_invalid(text: str) -> CertificateNumberFault | None:
    """The first fault, or None."""
    return None if _FORM.fullmatch(normalise(text)) else CertificateNumberFault.FORMAT


def maker_code(text: str) -> str:
    """The four characters that stand for the maker."""
    return normalise(text)[:4]
