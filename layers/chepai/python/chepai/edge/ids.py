"""New identifiers: a prefix and 26 Crockford characters, sortable by time, 80 bits unguessable."""

import secrets
import time
from hashlib import sha256

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(prefix: str) -> str:
    """Like a ULID: 48 bits of milliseconds, then 80 random bits."""
    return f"{prefix}_{_crockford((time.time_ns() // 1_000_000) << 80 | secrets.randbits(80))}"


def derived_id(prefix: str, *parts: str | int) -> str:
    """The same parts always give the same identifier, so that a repeated step asks once."""
    text = "|".join(str(part) for part in parts)
    return f"{prefix}_{_crockford(int.from_bytes(sha256(text.encode()).digest()[:16]))}"


def _crockford(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
