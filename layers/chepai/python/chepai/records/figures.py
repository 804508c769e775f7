"""What was counted: exchanges with agencies, days of agencies, months of the city.

Rows of table `figures`, by their key (figure, item), written by whoever counts and nobody else:

    cursor, log                        up to which leaf the sealed log is counted
    case#<app>, case                   what the count has to remember of a case
    request#<request>, <kind>          one exchange: who was asked what, when, and what became of it
    days#<month>, <day>#<agency>#<kind>   counters of an agency's day
    months, <month>#…                  counters of a month

Everything can be made again from the log; see docs/decisions/0086-counting-the-log.md.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from chepai.domain.counting import MONTHS, Book, Key
from chepai.records.table import Row, Table, Write, pack, transact

KEPT_DAYS = 400
"""How long a case and its exchanges are remembered after their last change; counters stay."""
_CURSOR = {"figure": "cursor", "item": "log"}
_LAST = "~"


class Cursor(NamedTuple):
    """The next leaf to count: that of a batch, so many leaves after its first; and until when."""

    batch: int = 0
    offset: int = 0
    until: str = ""


class Figures(Table):
    """Counters only ever grow or are put right by the same hand; a cursor moves with them."""

    variable = "FIGURES_TABLE"

    def cursor(self) -> Cursor:
        """How far the log is counted; the beginning when nothing is."""
        row = self.get(_CURSOR)
        return Cursor(int(row["batch"]), int(row["offset"]), str(row["until"])) if row else Cursor()

    def fetch(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """Rows by their keys."""
        found = self.get_many([{"figure": figure, "item": item} for figure, item in keys])
        return {(row["figure"], row["item"]): row for row in found}

    def take(self, book: Book, was: Cursor, now: Cursor, *, expires: int) -> None:
        """Write a stretch and move the cursor behind it: together, or not at all.

        Raises ConditionFailed when another one has counted from there.
        """
        moved = self.updating(
            _CURSOR,
            sets={"batch": now.batch, "offset": now.offset, "until": now.until},
            when="attribute_not_exists(figure) OR (#s0 = :batch AND #s1 = :offset)",
            batch=was.batch,
            offset=was.offset,
        )
        transact(moved, *self._kept(book, expires), *self._added(book))

    def _kept(self, book: Book, expires: int) -> list[Write]:
        # The cursor guards every row: whoever counted meanwhile has moved it.
        return [
            {
                "Put": {
                    "TableName": self.name,
                    "Item": pack({**row, "figure": figure, "item": item, "expires": expires}),
                }
            }
            for (figure, item), row in book.kept.items()
        ]

    def _added(self, book: Book) -> list[Write]:
        return [
            self.updating({"figure": figure, "item": item}, adds=added)
            for (figure, item), counts in book.added.items()
            if (added := {name: n for name, n in counts.items() if n})
        ]

    def days(self, first: date, last: date) -> list[Row]:
        """The counters of every agency and day from one day to another, both included."""
        return [
            row
            for month in _months(first, last)
            for row in self.query(
                "figure = :f AND #i BETWEEN :a AND :b",
                {":f": f"days#{month}", ":a": first.isoformat(), ":b": last.isoformat() + _LAST},
                names=_ITEM,
            )
        ]

    def months(self, first: str, last: str) -> list[Row]:
        """The counters of every month from one to another (yyyy-mm), both included."""
        return list(
            self.query(
                "figure = :f AND #i BETWEEN :a AND :b",
                {":f": MONTHS, ":a": first, ":b": last + _LAST},
                names=_ITEM,
            )
        )


_ITEM: Mapping[str, Any] = {"#i": "item"}


def _months(first: date, last: date) -> list[str]:
    found, year, month = [], first.year, first.month
    while (year, month) <= (last.year, last.month):
        found.append(f"{year:04d}-{month:02d}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found
