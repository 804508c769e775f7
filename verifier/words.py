"""How the program says what it found, and how it reads its input."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Digest = Callable[[bytes], bytes]


class Tampered(Exception):
    """Something does not fit: the text names the first bad entry in plain words."""


class Unusable(Exception):
    """The input cannot be checked at all: unreadable, incomplete, or of an unknown form."""


def digest_of(algorithm: str) -> Digest:
    """The digest that an algorithm's id stands for. Raises Unusable."""
    name = {"sha-256": "sha256", "sm3": "sm3"}.get(algorithm)
    if name is None or (name not in hashlib.algorithms_available):
        raise Unusable(f"this program, or this machine, knows no digest {algorithm!r}")
    if name == "sha256":
        return lambda data: hashlib.sha256(data).digest()
    return lambda data: hashlib.new(name, data).digest()


def read_json(path: Path, form: str = "") -> dict[str, Any]:
    """The JSON object of a file, which says its own `form` where one is asked for.

    Raises Unusable.
    """
    try:
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as trouble:
        raise Unusable(f"{path.name} cannot be read: {trouble}") from None
    if not isinstance(read, dict) or (form and read.get("format") != form):
        raise Unusable(f"{path.name} is not of the form {form or 'that it must have'}")
    return read


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 entry, 2 entries."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
