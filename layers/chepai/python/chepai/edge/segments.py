"""Segments of numbers: opened by the national register, dealt by us, checked by anyone.

The register makes a secret, publishes its hash before the segment opens and mixes in public
randomness; it hands us the secret to deal by. At rest it lies under a pad that only our key
service can make, and it is public once the segment is closed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from chepai.domain import pool
from chepai.domain.plates import DIGITS, LETTERS, PlateKind
from chepai.domain.profile import CityProfile
from chepai.edge.ids import derived_id
from chepai.edge.questions import Question
from chepai.partners.message import Blinding
from chepai.partners.national_register import padded
from chepai.records.numbers import Numbers
from chepai.records.table import Row

OPEN = "OPEN"
PLATE_KINDS = (PlateKind.SMALL, PlateKind.SMALL_NEW_ENERGY)
"""The kinds that citizens choose numbers of online."""


def wanted(plate_kind: str, at: datetime) -> Question:
    """The register is asked to open segments; whoever misses some, it is one question a minute."""
    request_id = derived_id("req", "segments", plate_kind, f"{at:%Y%m%dT%H%M}")
    return Question(
        kind="register",
        type="segments.asked",
        request_id=request_id,
        message_id=derived_id("msg", request_id),
        refs={"plate_kind": plate_kind},
    )


@dataclass(frozen=True)
class Opened:
    """A segment that numbers can be dealt from, with the key of its permutation."""

    segment: pool.Segment
    key: bytes


def note(
    fact_says: Mapping[str, Any], numbers: Numbers, profile: Callable[[], CityProfile]
) -> None:
    """Open a segment for dealing, or close it, as the register says; again without harm."""
    if fact_says["state"] == OPEN:
        if fact_says.get("sealed"):
            numbers.open_segment(segment_row(fact_says, profile()))
    else:
        for plate_kind in PLATE_KINDS:
            numbers.close_segment(plate_kind, fact_says["segment_id"], fact_says["secret"])


def segment_row(says: Mapping[str, Any], profile: CityProfile) -> Row:
    """What dealing needs of a segment, from the register's word and the city's reserved numbers."""
    segment = pool.open_segment(
        says["segment_id"],
        PlateKind(says["plate_kind"]),
        says["prefix"],
        says["pattern"],
        letters=says.get("letters") or LETTERS,
        reserved_patterns=profile.plate.reserved_patterns,
    )
    kept = ("segment_id", "plate_kind", "prefix", "pattern", "commitment", "randomness", "sealed")
    return {
        **{name: says[name] for name in kept},
        "letters": says.get("letters") or LETTERS,
        "opens_at": says["opens_at"],
        "skips": pool.packed(segment.skips),
        "reserved_patterns": list(profile.plate.reserved_patterns),
        "state": OPEN,
    }


def opened(row: Row, blind: Blinding) -> Opened:
    """The segment of a row with its key; the pad comes from the key service."""
    return _opened(
        row["segment_id"],
        row["plate_kind"],
        row["prefix"],
        row["pattern"],
        row["letters"],
        bytes(row.get("skips", b"")),
        bytes.fromhex(padded(row["sealed"], row["segment_id"], blind)),
        row["randomness"],
    )


@lru_cache(maxsize=32)
def _opened(
    segment_id: str,
    plate_kind: str,
    prefix: str,
    pattern: str,
    letters: str,
    skips: bytes,
    secret: bytes,
    randomness: str,
) -> Opened:
    alphabets = {
        pool.Slot.DIGIT: DIGITS,
        pool.Slot.LETTER: letters,
        pool.Slot.EITHER: DIGITS + LETTERS,
    }
    slots = tuple(alphabets[pool.Slot(each)] for each in pattern)
    segment = pool.Segment(segment_id, PlateKind(plate_kind), prefix, slots, pool.unpacked(skips))
    return Opened(segment, pool.effective_key(secret, segment_id, randomness))
