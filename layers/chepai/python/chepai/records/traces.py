"""Threads through the ledger: from a fact, an actor or a rule to all entries that rest on it."""

from collections.abc import Iterable, Mapping
from heapq import merge
from itertools import islice
from typing import Any

from chepai.domain.tracing import keys_of
from chepai.records.aws import client
from chepai.records.table import Row, Table, pack

_AT_ONCE = 25
_LAST = "~"
"""Sorts after every place: places begin with a year."""


class Traces(Table):
    """Thread and place are the key; rows are only ever put, by whoever seals the entry."""

    variable = "TRACES_TABLE"
    consistent = False

    def keep(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Put rows, any number of them; the same rows again change nothing."""
        left = [{"PutRequest": {"Item": pack(row)}} for row in rows]
        while left:
            batch, left = left[:_AT_ONCE], left[_AT_ONCE:]
            answer = client("dynamodb").batch_write_item(RequestItems={self.name: batch})
            left += answer.get("UnprocessedItems", {}).get(self.name, [])

    def page(
        self, kind: str, value: str, *, limit: int, after: str = "", before: str = _LAST
    ) -> list[Row]:
        """The next rows of a value after a place, the oldest first, over all its partitions."""
        found = (
            self._of(key, after=after, before=before, limit=limit) for key in keys_of(kind, value)
        )
        return list(islice(merge(*found, key=_place), limit))

    def between(self, kind: str, value: str, *, first: str, before: str) -> list[Row]:
        """All rows of a value from a moment on and before another one, the oldest first."""
        found = (self._of(key, after=first, before=before) for key in keys_of(kind, value))
        return list(merge(*found, key=_place))

    def _of(self, key: str, *, after: str, before: str, limit: int | None = None) -> list[Row]:
        # A place is longer than the moment it begins with, so it lies after that moment.
        found = self.query(
            "thread = :t AND place BETWEEN :a AND :b",
            {":t": key, ":a": after or "0", ":b": before},
            # One more: the place after which the page begins lies within.
            limit=limit + 1 if limit else None,
        )
        return [row for row in found if after < row["place"] < before]


def _place(row: Row) -> str:
    return str(row["place"])
