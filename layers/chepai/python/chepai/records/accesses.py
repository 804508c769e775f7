"""The book of who looked at whose data: a line is written before the data leaves, or none leaves.

It is the chain "person#<per_…>" of the ledger. Whoever shows, sends or opens something of a
person's record goes through `note`; a failure there is a failure of the whole reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from chepai.domain.disclosure import READ
from chepai.domain.ledger import Actor
from chepai.records.applications import stamp
from chepai.records.ledger import Ledger
from chepai.records.ledger import entry as entry_of
from chepai.records.table import ConditionFailed, Row, TryAgain, Write

TRIES = 8
_IF_ANY = ("hold", "reference")
AT_ONCE = 8
"""How many people's chains a list is entered in at the same time."""


@dataclass(frozen=True)
class Purpose:
    """Why something of a person is read: a stable word, the case, and who receives it.

    `hold` is the paper that an investigation rests on when it is told of later; `reference` is
    what else ties the reader to the case: a ticket, a re-check, a call.
    """

    word: str
    application_id: str
    receiver: str
    hold: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Reading:
    """What is about to be read of one person."""

    person_id: str
    fields: tuple[str, ...]
    purpose: Purpose


class Accesses:
    """Writes and reads the chains of accesses."""

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger.from_env()

    def note(
        self, person_id: str, fields: Sequence[str], *, actor: Actor, purpose: Purpose
    ) -> None:
        """Enter a reading. When it raises, the data must not leave. Raises TryAgain."""
        self.append(person_id, READ, _said(fields, purpose), actor=actor)

    def noting(
        self, person_id: str, fields: Sequence[str], *, actor: Actor, purpose: Purpose
    ) -> Write:
        """The same as a part of an act's own transaction: done and entered, or neither."""
        entry = self.next_entry(chain_of(person_id), READ, _said(fields, purpose), actor=actor)
        return self.ledger.appending(entry)

    def note_all(self, readings: Sequence[Reading], *, actor: Actor) -> None:
        """Enter the readings of several people: all are entered, or it raises."""
        if not readings:
            return

        def enter(one: Reading) -> None:
            self.note(one.person_id, one.fields, actor=actor, purpose=one.purpose)

        if len(readings) == 1:
            enter(readings[0])
            return
        # Only lists need it; most functions start without.
        from concurrent.futures import ThreadPoolExecutor

        _ = self.ledger
        with ThreadPoolExecutor(min(AT_ONCE, len(readings))) as pool:
            list(pool.map(enter, readings))

    def append(self, person_id: str, act: str, said: dict[str, Any], *, actor: Actor) -> Row:
        """Another act in the same chain: a question, a consent, an erasure. Raises TryAgain."""
        return self.append_to(chain_of(person_id), act, said, actor=actor)

    def append_to(self, chain: str, act: str, said: dict[str, Any], *, actor: Actor) -> Row:
        """Append to a chain whose end others append to as well. Raises TryAgain."""
        for _ in range(TRIES):
            entry = self.next_entry(chain, act, said, actor=actor)
            try:
                self.ledger.append(entry)
            except ConditionFailed:
                # Somebody else read at the same moment and has this place of the chain.
                continue
            return entry
        raise TryAgain

    def next_entry(self, chain: str, act: str, said: dict[str, Any], *, actor: Actor) -> Row:
        """The entry that would follow the newest one now, for a transaction of the caller's."""
        seq, prev = self.ledger.head(chain)
        return entry_of(
            chain=chain,
            seq=seq + 1,
            prev=prev,
            at=stamp(datetime.now(UTC)),
            actor=actor,
            act=act,
            after=said,
        )

    def newest(self, person_id: str, *, before: int, limit: int) -> list[Row]:
        """Entries older than place `before`, newest first, at most `limit`."""
        return list(
            self.ledger.query(
                "#c = :c AND seq < :b",
                {":c": chain_of(person_id), ":b": before},
                names={"#c": "chain"},
                newest_first=True,
                limit=limit,
            )
        )

    def one(self, person_id: str, seq: int) -> Row | None:
        return self.ledger.get({"chain": chain_of(person_id), "seq": seq})

    def delays(self, person_id: str) -> list[Row]:
        """What the audit administrator entered about telling this person later."""
        return self.ledger.of(delays_of(person_id))


def _said(fields: Sequence[str], purpose: Purpose) -> dict[str, Any]:
    said = {
        "fields": sorted(fields),
        "purpose": purpose.word,
        "case": purpose.application_id,
        "receiver": purpose.receiver,
    }
    return said | {name: text for name in _IF_ANY if (text := getattr(purpose, name))}


def chain_of(person_id: str) -> str:
    return f"person#{person_id}"


def delays_of(person_id: str) -> str:
    # Apart from the person's own chain, in which a gap would tell of it.
    return f"delays#{person_id}"
