"""Tickets: a row each, with every text sealed; a change and its ledger entry are one transaction.

Beside them lie the counts of each month and kind, spread over shards: a transaction of the change
that is counted adds to them, so that the response rates are those of the records.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

from chepai.domain.ledger import Actor
from chepai.domain.refusals import IdempotencyKeyReused, VersionConflict
from chepai.domain.tickets import Kind, Ticket, queue_of
from chepai.records.ledger import Ledger
from chepai.records.ledger import entry as entry_of
from chepai.records.table import ConditionFailed, Row, Table, Write, transact
from chepai.records.words import Sealed, seal, unseal

LATE = "late"
"""The desk of those whose time has run out, the one owed longest in front."""
_DUE, SHARDS = "due", 4
_FIGURE_SHARDS = 8


@dataclass(frozen=True)
class Piece:
    """One text of a ticket, sealed; `by` is the role that wrote it and `who` an officer's name."""

    piece: str
    what: str
    at: str
    by: str
    who: str
    sealed: Sealed

    def row(self) -> Row:
        text, key = self.sealed
        said = {"piece": self.piece, "what": self.what, "at": self.at, "by": self.by}
        return said | {"who": self.who, "text": text, "key": key}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Piece":
        sealed = Sealed(row["text"], row["key"])
        return cls(row["piece"], row["what"], row["at"], row["by"], row.get("who", ""), sealed)


@dataclass(frozen=True)
class Kept:
    """A ticket as it is kept, with its sealed texts."""

    ticket: Ticket
    pieces: tuple[Piece, ...]

    def has(self, piece: str) -> bool:
        return any(each.piece == piece for each in self.pieces)

    def opened(self) -> Iterator[tuple[Piece, str]]:
        """Each piece and its text; whoever is to see it is in the book of accesses by now."""
        for each in self.pieces:
            yield each, unseal(self.ticket.ticket_id, each.piece, each.sealed)


def piece_of(
    ticket: Ticket, piece: str, what: str, text: str, *, at: str, by: str, who: str = ""
) -> Piece:
    """A new text of a ticket, sealed."""
    return Piece(piece, what, at, by, who, seal(ticket.ticket_id, piece, text))


class Tickets(Table):
    """Key: ticket_id. Indexes: a person's, a place's on a desk, and what time brings next."""

    variable = "TICKETS_TABLE"

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger.from_env()

    def read(self, ticket_id: str) -> Kept | None:
        row = self.get({"ticket_id": ticket_id})
        return _kept(row) if row and "kind" in row and "state" in row else None

    def of_person(self, person_id: str, *, limit: int) -> list[Ticket]:
        """A person's tickets, newest first."""
        found = self.query(
            "person_id = :p", {":p": person_id}, index="by_person", newest_first=True, limit=limit
        )
        return self._whole(found)

    def in_queue(self, queue: str, *, limit: int) -> list[Ticket]:
        """What lies with one owner, or with nobody; what is owed first in front."""
        found = self.query("queue = :q", {":q": queue}, index="by_queue", limit=limit)
        return self._whole(found)

    def late(self, *, limit: int) -> list[Ticket]:
        """Those whose time has run out, the one owed longest in front."""
        found = self.query(
            "#d = :d", {":d": LATE}, names={"#d": "desk"}, index="by_desk", limit=limit
        )
        return self._whole(found)

    def due(self, before: str, *, each: int) -> list[Ticket]:
        """Those for which time has brought something, from every shard the first `each`."""
        keys = [
            row
            for shard in range(SHARDS)
            for row in self.query(
                "#d = :d AND desk_at <= :b",
                {":d": f"{_DUE}#{shard}", ":b": before},
                names={"#d": "desk"},
                index="by_desk",
                limit=each,
            )
        ]
        return self._whole(sorted(keys, key=lambda row: str(row["desk_at"])))

    def enter(
        self,
        ticket: Ticket,
        pieces: Sequence[Piece],
        *,
        actor: Actor,
        fingerprint: str,
        next_at: str,
        counts: Mapping[str, int],
        told: Mapping[str, Any],
    ) -> Ticket:
        """Enter a ticket with its first entry; asked again with its key, it is the same one.

        Raises IdempotencyKeyReused.
        """
        entry = self._entry(ticket, "", actor, "ticket_received", ticket.received_at, told)
        made = replace(ticket, chain_head=entry["hash"])
        row = {
            **_plain(made),
            **_places(made, next_at),
            "pieces": [each.row() for each in pieces],
            "fingerprint": fingerprint,
        }
        try:
            transact(
                self.putting(row, when="attribute_not_exists(ticket_id)"),
                self.ledger.appending(entry),
                self._counting(made, counts),
            )
        except ConditionFailed as there:
            if not (found := there.found[0]):
                raise
            if found["fingerprint"] != fingerprint:
                raise IdempotencyKeyReused from None
            return Ticket.of(found)
        return made

    def change(
        self,
        before: Kept,
        *,
        actor: Actor,
        act: str,
        at: str,
        next_at: str,
        told: Mapping[str, Any] | None = None,
        rule: str = "",
        piece: Piece | None = None,
        counts: Mapping[str, int] | None = None,
        forget: bool = False,
        **changes: Any,
    ) -> Ticket:
        """Change a ticket as it was read. Raises VersionConflict when it is another one by now."""
        was = before.ticket
        after = replace(was, **changes, version=was.version + 1)
        entry = self._entry(after, was.chain_head, actor, act, at, told or {}, rule)
        after = replace(after, chain_head=entry["hash"])
        sets: dict[str, Any] = {name: getattr(after, name) for name in changes}
        sets |= _places(after, next_at) | {"version": after.version, "chain_head": entry["hash"]}
        if piece or forget:
            kept = () if forget else (*before.pieces, *((piece,) if piece else ()))
            sets["pieces"] = [each.row() for each in kept]
        writes = [
            self.updating(
                {"ticket_id": was.ticket_id}, sets=sets, when="version = :was", was=was.version
            ),
            self.ledger.appending(entry),
        ]
        if counts:
            writes.append(self._counting(after, counts))
        try:
            transact(*writes)
        except ConditionFailed as stood:
            if any(stood.failed[:2]):
                raise VersionConflict from None
            raise
        return after

    def counts(self, month: str) -> dict[str, Counter[str]]:
        """What was counted of the tickets that came in a month (YYYY-MM), by kind."""
        keys = {
            _figure_id(month, kind, shard): kind for kind in Kind for shard in range(_FIGURE_SHARDS)
        }
        found: dict[str, Counter[str]] = {kind.value: Counter() for kind in Kind}
        for row in self.get_many([{"ticket_id": each} for each in keys]):
            name = str(row.pop("ticket_id"))
            found[keys[name].value].update({word: int(times) for word, times in row.items()})
        return found

    def _counting(self, ticket: Ticket, counts: Mapping[str, int]) -> Write:
        shard = sha256(ticket.ticket_id.encode()).digest()[0] % _FIGURE_SHARDS
        key = _figure_id(ticket.received_at[:7], Kind(ticket.kind), shard)
        return self.updating({"ticket_id": key}, adds=counts)

    def _whole(self, found: Iterable[Row]) -> list[Ticket]:
        wanted = [str(row["ticket_id"]) for row in found]
        rows = self.get_many([{"ticket_id": each} for each in wanted])
        known = {str(row["ticket_id"]): Ticket.of(row) for row in rows}
        return [known[each] for each in wanted if each in known]

    @staticmethod
    def _entry(
        ticket: Ticket,
        prev: str,
        actor: Actor,
        act: str,
        at: str,
        told: Mapping[str, Any],
        rule: str = "",
    ) -> Row:
        said = {"state": ticket.state, **{k: v for k, v in told.items() if v not in ("", None)}}
        return entry_of(
            chain=chain_of(ticket.ticket_id),
            seq=ticket.version,
            prev=prev,
            at=at,
            actor=actor,
            act=act,
            after=said,
            rule=rule,
        )


def chain_of(ticket_id: str) -> str:
    """The chain of a ticket in the ledger."""
    return f"ticket#{ticket_id}"


def _figure_id(month: str, kind: Kind, shard: int) -> str:
    return f"figures#{month}#{kind}#{shard}"


def _plain(ticket: Ticket) -> Row:
    return asdict(ticket) | {"hands": list(ticket.hands)}


def _places(ticket: Ticket, next_at: str) -> Row:
    """Where it lies: on whose desk, and in which partition for what time brings."""
    shard = sha256(ticket.ticket_id.encode()).digest()[0] % SHARDS
    late = ticket.is_owed() and ticket.late.get("for") == ticket.owed_at
    queue = queue_of(ticket)
    desk = LATE if late else f"{_DUE}#{shard}" if next_at else ""
    return {
        "queue": queue,
        # What is owed decides the order of a desk; a closed one is on none.
        "owed_at": ticket.owed_at if queue else "",
        "desk": desk,
        "desk_at": ticket.owed_at if late else next_at if desk else "",
    }


def _kept(row: Row) -> Kept:
    return Kept(Ticket.of(row), tuple(Piece.of(each) for each in row.get("pieces", ())))
