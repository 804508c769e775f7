"""Counting the sealed log: every minute what was sealed since, each entry once.

The log is one sequence without gaps or repetition, so a place in it says exactly what was counted.
A stretch and the cursor behind it are one transaction: a run that dies, or two at once, count
nothing twice and leave nothing out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from chepai.domain.counting import About, Book, Counting, case_key
from chepai.domain.facts import FactKind
from chepai.edge.clock import now
from chepai.edge.ids import derived_id
from chepai.edge.observing import tell
from chepai.records import facts as facts_of
from chepai.records.applications import Applications
from chepai.records.cities import Cities
from chepai.records.facts import Facts
from chepai.records.figures import KEPT_DAYS, Cursor, Figures
from chepai.records.ledger import Ledger
from chepai.records.seals import Batch, Leaf, Seals
from chepai.records.table import ConditionFailed, Row

ROWS_AT_MOST = 55
"""After how many rows a stretch ends: one entry adds forty at most, a transaction takes 100."""
_READ_TOGETHER = 100
_CASES, _PERSONS = "app_", "person#"


def request_of(application_id: str, step: str, times: int, orders: int) -> str:
    """The reference of a state's question, as the waiting room gives it."""
    return derived_id("req", application_id, step, times, orders)


@dataclass(frozen=True)
class CountingTheLog:
    """The adapters that counting takes: it reads the log, and writes nothing but figures."""

    figures: Figures
    seals: Seals
    ledger: Ledger
    facts: Facts
    applications: Applications
    cities: Cities

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Figures.from_env(),
            Seals.from_env(),
            Ledger.from_env(),
            Facts.from_env(),
            Applications.from_env(),
            Cities.from_env(),
        )

    def run(self, goes_on: Callable[[], bool] = lambda: True) -> int:
        """Count what was sealed since the last run, until `goes_on` says no; how many leaves."""
        counted, cursor, head = 0, self.figures.cursor(), self.seals.head()
        size = head.size if head else 0
        while cursor.batch < size and goes_on():
            batch = self.seals.decided(cursor.batch)
            if batch is None:
                raise LookupError("the log has no batch where the last one ends")
            while cursor.batch == batch.first and goes_on():
                try:
                    cursor, leaves = self._stretch(batch, cursor)
                except ConditionFailed:
                    # Another run counts from here: it will do what is left as well.
                    return counted
                counted += leaves
        tell("counted", count=counted)
        return counted

    def _stretch(self, batch: Batch, cursor: Cursor) -> tuple[Cursor, int]:
        """Count the next leaves of a batch, as many as one transaction takes."""
        leaves = batch.leaves[cursor.offset : cursor.offset + _READ_TOGETHER]
        rows, about = self._read(leaves), self._about(leaves)
        book = Book(self.figures.fetch)
        book.read(*(case_key(each.chain) for each in leaves if each.chain.startswith(_CASES)))
        counting = Counting(book, self.cities.profile, request_of)
        taken, until = 0, cursor.until
        for leaf in leaves:
            row = rows.get((leaf.chain, leaf.seq))
            if row is not None:
                until = max(until, self._count(counting, leaf, row, about))
            taken += 1
            if book.size >= ROWS_AT_MOST:
                break
        offset = cursor.offset + taken
        over = offset == len(batch.leaves)
        moved = Cursor(batch.size if over else batch.first, 0 if over else offset, until)
        expires = int((now() + timedelta(days=KEPT_DAYS)).timestamp())
        self.figures.take(book, cursor, moved, expires=expires)
        return moved, taken

    @staticmethod
    def _count(counting: Counting, leaf: Leaf, row: Row, about: Mapping[str, About]) -> str:
        """Count one leaf; the moment that it tells of."""
        if leaf.chain.startswith(facts_of.CHAIN):
            counting.fact(row, FactKind(leaf.chain.rpartition("|")[2]))
            return str(row["received_at"])
        if leaf.chain.startswith(_CASES):
            counting.entry(row, about.get(leaf.chain))
        elif leaf.chain.startswith(_PERSONS):
            counting.person(leaf.chain, leaf.seq, datetime.fromisoformat(row["at"]))
        return str(row["at"])

    def _read(self, leaves: Sequence[Leaf]) -> dict[tuple[str, int], Row]:
        told = [
            (each.chain, each.seq)
            for each in leaves
            if each.chain.startswith(_CASES) or (each.chain.startswith(_PERSONS) and each.seq == 1)
        ]
        said = [
            facts_of.key_of(each.chain, each.seq)
            for each in leaves
            if each.chain.startswith(facts_of.CHAIN)
        ]
        rows: dict[tuple[str, int], Row] = {
            (str(row["chain"]), int(row["seq"])): row for row in self.ledger.many(told)
        }
        return rows | {facts_of.place_of(row): row for row in self.facts.get_many(said)}

    def _about(self, leaves: Sequence[Leaf]) -> dict[str, About]:
        """What the cases say that begin among these leaves."""
        fresh = [each.chain for each in leaves if each.seq == 1 and each.chain.startswith(_CASES)]
        return {str(row["application_id"]): _about(row) for row in self.applications.rows(fresh)}


def _about(row: Mapping[str, Any]) -> About:
    return About(
        channel=str(row.get("channel", "")),
        filed_by=str(row.get("filed_by", "")),
        person_id=str(row["person_id"]),
        vin=str(row.get("vin", "")),
        profile_version=str(row["profile_version"]),
    )
