"""Read JSON that others sent: strictly, or not at all."""

import json
import re
from math import isfinite
from typing import Any

from pydantic_core import from_json

from chepai.domain.refusals import BodyMalformed, BodyTooLarge

LARGEST = 256 * 1024
DEEPEST = 20
_SAFE = 2**53 - 1

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[][{}]")


def read(body: bytes, *, largest: int = LARGEST) -> Any:
    """The value of a JSON text; sizes in bytes.

    Raises BodyTooLarge, or BodyMalformed when it is no UTF-8, no JSON, has NaN or an infinity,
    a number too large for any table, the same key twice in an object, or nests too deep.
    """
    if len(body) > largest:
        raise BodyTooLarge
    try:
        # First, so that what follows sees nothing that could make it slow: no open string.
        value = from_json(body, allow_inf_nan=False, cache_strings="keys")
        # Which of two equal keys counts is where parsers differ, so neither does.
        json.loads(body, object_pairs_hook=_once, parse_int=_whole, parse_float=_finite)
    except (ValueError, RecursionError):
        raise BodyMalformed from None
    if _depth(body) > DEEPEST:
        raise BodyMalformed
    return value


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        raise ValueError("the same key twice")
    return seen


def _whole(digits: str) -> int:
    number = int(digits)
    if abs(number) > _SAFE:
        raise ValueError("a number that not every reader can hold")
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError("a number without end")
    return number
