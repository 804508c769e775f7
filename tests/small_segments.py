"""Number segments of a few numbers each, as the register would have opened them."""

from collections.abc import Sequence

from chepai.domain import pool
from chepai.edge.blind import Draws
from chepai.partners.national_register import padded
from chepai.records.numbers import Numbers

SECRET = bytes(range(32))
OPENED_AT = "2026-01-01T00:00:00.000Z"


def open_small(segment_id: str, serials: Sequence[int], *, letter: str = "A") -> set[str]:
    """Open a segment of the ordinary numbers 鲁B<four digits><letter> with these digits alone."""
    skips = tuple(index for index in range(10_000) if index not in serials)
    Numbers.from_env().open_segment(
        {
            "segment_id": segment_id,
            "plate_kind": "02",
            "prefix": "鲁B",
            "pattern": "DDDDL",
            "letters": letter,
            "reserved_patterns": [f"^(?!({'|'.join(f'{each:04d}' for each in serials)}))"],
            "commitment": pool.commitment(SECRET),
            "randomness": "beacon-1",
            "sealed": padded(SECRET.hex(), segment_id, Draws.from_env()),
            "opens_at": OPENED_AT,
            "skips": pool.packed(skips),
            "state": "OPEN",
        }
    )
    return {f"鲁B{each:04d}{letter}" for each in serials}
