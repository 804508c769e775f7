"""The ledger: entries are only ever appended, in the transaction of the change they record."""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chepai.domain import ledger as entries
from chepai.domain.digests import INTL, SUITES, Suite
from chepai.domain.ledger import Actor, Evidence, first_broken, whole
from chepai.records.table import Row, Table, Write


def trace() -> str:
    """The trace of this invocation, by which its log lines and its calls are found; "" outside."""
    told = dict(part.partition("=")[::2] for part in os.environ.get(_XRAY, "").split(";"))
    return told.get("Root", "")


def suite() -> Suite:
    """The algorithms that new records of this stage get."""
    return SUITES[os.environ.get("CHEPAI_SUITE", INTL)]


def entry(
    *,
    chain: str,
    seq: int,
    prev: str,
    at: str,
    actor: Actor,
    act: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    evidence: Sequence[Evidence | str] = (),
    rule: str = "",
) -> dict[str, Any]:
    """An entry as `domain.ledger.entry` makes it, in this stage's suite and with its trace."""
    return entries.entry(
        chain=chain,
        seq=seq,
        prev=prev,
        at=at,
        actor=actor,
        act=act,
        before=before,
        after=after,
        evidence=evidence,
        rule=rule,
        trace=trace(),
        alg=suite().digest,
    )


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
        found = [whole(row) for row in self.of(chain)]
        return found, first_broken(found)

    def written(self, since: datetime, until: datetime) -> Iterator[tuple[str, int]]:
        """The places (chain, seq) written between two moments, by an index a moment behind."""
        hour = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while hour <= until:
            for shard in range(entries.SHARDS):
                rows = self.query(
                    "#h = :h AND #a >= :a",
                    {":h": f"{_written(hour)[:13]}#{shard}", ":a": _written(since)},
                    names={"#h": "hour", "#a": "at"},
                    index="by_hour",
                )
                yield from ((str(row["chain"]), int(row["seq"])) for row in rows)
            hour += timedelta(hours=1)

    def verify(self, chain: str) -> int | None:
        """The first broken entry of a chain, or None."""
        return self.read(chain)[1]

    def many(self, places: Sequence[tuple[str, int]]) -> list[Row]:
        """The entries that exist among many places (chain, seq), in no order."""
        keys = [{"chain": chain, "seq": seq} for chain, seq in places]
        return [whole(row) for row in self.get_many(keys)]


def _written(moment: datetime) -> str:
    """As `at` of an entry is written: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_CHAIN = {"#c": "chain"}
_XRAY = "_X_AMZN_TRACE_ID"
