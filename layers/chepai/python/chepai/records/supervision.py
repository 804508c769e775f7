"""The desk of the supervision centre: draws, the cases they hit, and findings.

A row changes only with an entry of its own chain in the ledger, in one transaction, and only in
the version that was read.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from chepai.domain.ledger import Actor, Evidence
from chepai.domain.refusals import VersionConflict
from chepai.records.ledger import Ledger
from chepai.records.ledger import entry as entry_of
from chepai.records.table import ConditionFailed, Row, Table, Write, transact

DRAWS, RECHECKS, FINDINGS = "draws", "rechecks", "findings"
"""The desks: where what is still to be done lies, the one due first in front."""
_DRAW, _FINDING, _STATEMENT = "draw", "finding", "statement"


class Supervision(Table):
    """Matter and item are the key: a draw with its cases, or a finding by itself."""

    variable = "SUPERVISION_TABLE"

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger.from_env()

    def draw(self, period: str) -> Row | None:
        return self.get(draw_key(period))

    def case(self, period: str, application_id: str) -> Row | None:
        return self.get(case_key(period, application_id))

    def cases(self, period: str) -> list[Row]:
        """The cases that a draw hit, in order of their identifiers."""
        found = self.query(
            "matter = :m AND begins_with(#i, :c)",
            {":m": draw_key(period)["matter"], ":c": "case#"},
            names={"#i": "item"},
        )
        return list(found)

    def finding(self, finding_id: str) -> Row | None:
        return self.get(finding_key(finding_id))

    def statement(self, day: str, partner_kind: str) -> Row | None:
        return self.get(statement_key(day, partner_kind))

    def on_desk(self, desk: str, *, limit: int, after: str = "") -> tuple[list[Row], str]:
        """One page of a desk, the one due first in front, and where the next page starts."""
        due, _, last = after.partition("|")
        found: Iterator[Row] = self.query(
            "desk = :d AND due_at >= :a",
            {":d": desk, ":a": due or "0"},
            index="by_desk",
            # What is due at the very moment of the last one may lie before it.
            limit=limit + _TIES if due else limit,
        )
        keys = [row for row in found if (row["due_at"], _name(row)) > (due, last)][:limit]
        read = {
            _name(row): row
            for row in self.get_many([{k: key[k] for k in ("matter", "item")} for key in keys])
        }
        rows = [read[_name(key)] for key in keys if _name(key) in read]
        place = f"{keys[-1]['due_at']}|{_name(keys[-1])}" if len(keys) == limit else ""
        return rows, place

    def entering(
        self,
        row: Mapping[str, Any],
        *,
        actor: Actor,
        act: str,
        at: str,
        rule: str = "",
        evidence: Sequence[Evidence] = (),
    ) -> list[Write]:
        """A new row with its first entry, as parts of a transaction: first the row."""
        entry = self._entry(row, 1, "", actor, act, at, _told(row), rule, evidence)
        whole = {**row, "version": 1, "chain_head": entry["hash"]}
        return [
            self.putting(whole, when="attribute_not_exists(matter)"),
            self.ledger.appending(entry),
        ]

    def enter(
        self,
        row: Mapping[str, Any],
        *,
        actor: Actor,
        act: str,
        at: str,
        rule: str = "",
        evidence: Sequence[Evidence] = (),
    ) -> bool:
        """Enter a new row with its first entry; False when it is there already."""
        try:
            transact(*self.entering(row, actor=actor, act=act, at=at, rule=rule, evidence=evidence))
        except ConditionFailed:
            return False
        return True

    def changing(
        self,
        before: Row,
        *,
        actor: Actor,
        act: str,
        at: str,
        when: str = "",
        values: Mapping[str, Any] | None = None,
        told: Mapping[str, Any] | None = None,
        rule: str = "R164-67",
        evidence: Sequence[Evidence] = (),
        **sets: Any,
    ) -> list[Write]:
        """A change with its entry, as parts of a transaction: first the row, then the entry."""
        seq = int(before["version"]) + 1
        said = told if told is not None else _told(sets)
        entry = self._entry(before, seq, before["chain_head"], actor, act, at, said, rule, evidence)
        condition = "version = :was" + (f" AND {when}" if when else "")
        update = self.updating(
            {name: before[name] for name in ("matter", "item")},
            sets=sets | {"version": seq, "chain_head": entry["hash"]},
            when=condition,
            was=before["version"],
            **(values or {}),
        )
        return [update, self.ledger.appending(entry)]

    def change(self, before: Row, *also: Write, **asked: Any) -> None:
        """Do a change, with writes of other tables.

        Raises VersionConflict when the row is another one by now, or its condition fails;
        ConditionFailed for a condition of `also`.
        """
        try:
            transact(*self.changing(before, **asked), *also)
        except ConditionFailed as stood:
            if any(stood.failed[:2]):
                raise VersionConflict from None
            raise

    @staticmethod
    def _entry(
        row: Mapping[str, Any],
        seq: int,
        prev: str,
        actor: Actor,
        act: str,
        at: str,
        told: Mapping[str, Any],
        rule: str,
        evidence: Sequence[Evidence] = (),
    ) -> dict[str, Any]:
        return entry_of(
            chain=chain_of(row),
            seq=seq,
            prev=prev,
            at=at,
            actor=actor,
            act=act,
            after=told,
            rule=rule,
            evidence=evidence,
        )


_TIES = 100
# What an entry tells of a row: words and identifiers, never whole lists.
_TELLS = (
    "standing", "first", "end", "commitment", "seed", "beacon", "population_digest", "drawn_digest",
    "counts", "quota", "at_least", "stratum", "result", "origin", "about", "reason", "alarm",
    "times", "party", "party_id", "responsible", "finding_id", "application_id", "reference",
    "stance", "decision", "way", "legal_act", "claimed_until", "difference", "what", "subject",
    "step", "wish", "codes",
)  # fmt: skip


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _TELLS if row.get(name) not in (None, "", {}, [])}


def draw_key(period: str) -> dict[str, str]:
    return {"matter": f"{_DRAW}#{period}", "item": _DRAW}


def case_key(period: str, application_id: str) -> dict[str, str]:
    return {"matter": f"{_DRAW}#{period}", "item": f"case#{application_id}"}


def statement_key(day: str, partner_kind: str) -> dict[str, str]:
    """The matching of one kind of partner's statement of a day (ISO)."""
    return {"matter": f"{_STATEMENT}#{day}", "item": partner_kind}


def difference_key(day: str, name: str) -> dict[str, str]:
    """One difference that the matching of a day found, by its name."""
    return {"matter": f"{_STATEMENT}#{day}", "item": f"difference#{name}"}


def finding_key(finding_id: str) -> dict[str, str]:
    return {"matter": f"{_FINDING}#{finding_id}", "item": _FINDING}


def chain_of(row: Mapping[str, Any]) -> str:
    """The chain of a row in the ledger: a draw's, a drawn case's, or a finding's own."""
    matter, item = str(row["matter"]), str(row["item"])
    return f"supervision#{matter}" if item in (_DRAW, _FINDING) else f"supervision#{matter}#{item}"


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['matter']}/{row['item']}"
