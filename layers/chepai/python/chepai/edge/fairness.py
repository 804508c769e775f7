"""What is public of a segment: the commitment at once, the secret when it is closed.

With both and the ledger, `tools/verify_deals.py` recomputes every deal.
"""

from typing import Any

from chepai.edge.api import Answer
from chepai.edge.segments import OPEN, PLATE_KINDS
from chepai.records.numbers import Numbers
from chepai.records.table import Row

CLOSED = "CLOSED"
_PUBLIC = (
    "segment_id", "plate_kind", "prefix", "pattern", "letters", "reserved_patterns", "opens_at",
    "state", "commitment", "randomness",
)  # fmt: skip


class Segment(Answer):
    """One segment; `secret` is there once it is closed, and hashes to `commitment`."""

    segment_id: str
    plate_kind: str
    prefix: str
    pattern: str
    letters: str
    reserved_patterns: list[str] | None = None
    opens_at: str
    state: str
    commitment: str
    randomness: str
    secret: str | None = None


class Segments(Answer):
    """All segments of the kinds that citizens choose numbers of online."""

    segments: list[Segment]


def published(numbers: Numbers) -> Segments:
    rows = [
        row
        for kind in PLATE_KINDS
        for state in (OPEN, CLOSED)
        for row in numbers.segments(kind, state)
    ]
    return Segments(segments=[_segment(row) for row in rows])


def _segment(row: Row) -> Segment:
    # Named one by one: what the row needs for dealing is never shown.
    shown: dict[str, Any] = {name: row[name] for name in _PUBLIC if name in row}
    if row["state"] == CLOSED:
        shown["secret"] = row.get("secret")
    return Segment(**shown)
