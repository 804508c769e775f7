"""What is public of a segment: the commitment at once, secret and log of deals when it is closed.

With these, `verifier/draws.py` recomputes every deal.
"""

from dataclasses import dataclass
from typing import Any, Self

from chepai.domain.pool import COUNTERS
from chepai.domain.refusals import DealsNotShown, FieldInvalid, FieldProblem
from chepai.edge.api import Answer
from chepai.edge.segments import OPEN, PLATE_KINDS
from chepai.records.deals import Deals
from chepai.records.numbers import Numbers
from chepai.records.table import Row

CLOSED = "CLOSED"
DEALS_ON_A_PAGE = 500
_PUBLIC = (
    "segment_id", "plate_kind", "prefix", "pattern", "letters", "reserved_patterns", "opens_at",
    "state", "commitment", "randomness",
)  # fmt: skip


class Segment(Answer):
    """One segment; `secret` is there once it is closed, and hashes to `commitment`.

    `dealt` is where each counter stood at the close.
    """

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
    dealt: dict[str, int] | None = None


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
    return Segments(segments=[_segment(row, numbers) for row in rows])


def _segment(row: Row, numbers: Numbers) -> Segment:
    # Named one by one: what the row needs for dealing is never shown.
    shown: dict[str, Any] = {name: row[name] for name in _PUBLIC if name in row}
    if row["state"] == CLOSED:
        shown["secret"] = row.get("secret")
        stood = numbers.dealt(row["segment_id"], COUNTERS)
        shown["dealt"] = {str(counter): end for counter, end in sorted(stood.items())}
    return Segment(**shown)


class Deal(Answer):
    """A block that a counter dealt; null in place of numbers for what was shown to nobody."""

    counter: int
    start: int
    k: int
    numbers: list[str] | None


class Log(Answer):
    """A page of the deals of a segment, counter by counter; `next` begins the page after it."""

    deals: list[Deal]
    next: str | None = None


@dataclass(frozen=True)
class Fairness:
    """The adapters that showing the log of deals takes."""

    numbers: Numbers
    deals: Deals

    @classmethod
    def from_env(cls) -> Self:
        return cls(Numbers.from_env(), Deals.from_env())

    def log(self, segment_id: str, cursor: str) -> Log:
        """A page of the log. Raises DealsNotShown before the close, FieldInvalid."""
        closed = {
            row["segment_id"] for kind in PLATE_KINDS for row in self.numbers.segments(kind, CLOSED)
        }
        # Before the close, who knows where counters stand could wait for a number to come round.
        if segment_id not in closed:
            raise DealsNotShown
        counter, begin = _place(cursor)
        ends = self.numbers.dealt(segment_id, COUNTERS)
        shown: list[Deal] = []
        for each in sorted(ends):
            if each < counter:
                continue
            at = begin if each == counter else 0
            room = DEALS_ON_A_PAGE - len(shown)
            if room < 1:
                return Log(deals=shown, next=f"{each}-{at}")
            rows = self.deals.of_lane(segment_id, each, begin=at, limit=room)
            whole = len(rows) < room
            shown += _without_gaps(each, at, rows, ends[each] if whole else None)
            if not whole:
                last = shown[-1]
                return Log(deals=shown, next=f"{each}-{last.start + last.k}")
        return Log(deals=shown)


def _without_gaps(counter: int, begin: int, rows: list[Row], end: int | None) -> list[Deal]:
    """The deals of a lane; what was drawn and never offered is told without numbers."""
    deals: list[Deal] = []

    def lost_until(start: int) -> None:
        if start > begin:
            deals.append(Deal(counter=counter, start=begin, k=start - begin, numbers=None))

    for row in rows:
        lost_until(row["start"])
        numbers = list(row["numbers"])
        deals.append(Deal(counter=counter, start=row["start"], k=len(numbers), numbers=numbers))
        begin = row["start"] + len(numbers)
    if end is not None:
        lost_until(end)
    return deals


def _place(cursor: str) -> tuple[int, int]:
    if not cursor:
        return 0, 0
    counter, _, begin = cursor.partition("-")
    if not all(each.isascii() and each.isdecimal() and len(each) < 16 for each in (counter, begin)):
        raise FieldInvalid(FieldProblem("cursor", "malformed"))
    return int(counter), int(begin)
