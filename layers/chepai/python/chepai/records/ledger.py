"""The ledger: entries are only ever appended, in the transaction of the change they record."""

from collections.abc import Mapping
from typing import Any

from chepai.domain.ledger import first_broken
from chepai.records.table import Row, Table, Write


class Ledger(Table):
    """Chain and sequence number are the key; no role may update or delete an entry."""

    variable = "LEDGER_TABLE"

    def appending(self, entry: Mapping[str, Any]) -> Write:
        return self.putting(entry, when="attribute_not_exists(seq)")

    def append(self, entry: Mapping[str, Any]) -> None:
        self.put(entry, when="attribute_not_exists(seq)")

    def head(self, chain: str) -> tuple[int, str]:
        """Sequence number and hash of the newest entry; (0, "") for an empty chain."""
        for row in self.query("#c = :c", {":c": chain}, names=_CHAIN, newest_first=True, limit=1):
            return row["seq"], row["hash"]
        return 0, ""

    def of(self, chain: str, *, newest_first: bool = False) -> list[Row]:
        return list(self.query("#c = :c", {":c": chain}, names=_CHAIN, newest_first=newest_first))

    def read(self, chain: str) -> tuple[list[Row], int | None]:
        """All entries of a chain, the first one first, and the first broken one or None."""
        entries = [_whole(row) for row in self.of(chain)]
        return entries, first_broken(entries)

    def verify(self, chain: str) -> int | None:
        """The first broken entry of a chain, or None."""
        return self.read(chain)[1]


_CHAIN = {"#c": "chain"}


def _whole(row: Row) -> dict[str, Any]:
    # Empty attributes are not stored; the hash was taken over the whole entry.
    empty: dict[str, Any] = {
        "prev": "",
        "from": {},
        "to": {},
        "evidence": [],
        "rule": "",
        "trace": "",
    }
    return empty | row
