"""The sealed log: one growing Merkle tree over all entries of the ledger and all facts.

Rows of table `seals`, by their key `place`:

    log#head              the log as it was sealed last
    log#lease             who seals now; for economy only, nothing rests on it
    batch#<first>         which leaves follow leaf <first> - 1: decided once, put if absent
    leaf#<chain>#<seq>    {index}: the place of an entry in the log
    tile#<level>#<n>      256 hashes of tree level 8 × level, side by side
    count#<table>#<hour>  how many entries of an hour and shard were sealed

The row of a batch is the one decision: everything else follows from it, may be written again
without harm, and is finished by whoever seals next. See docs/decisions/0060-sealing.md.
"""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chepai.domain import merkle
from chepai.domain.digests import digest_by
from chepai.records.aws import client
from chepai.records.table import ConditionFailed, Row, Table, pack, transact

TILE = 256
"""Hashes in a full tile."""
_TILE_LEVELS = 8
_AT_ONCE = 25
_HEAD = {"place": "log#head"}
_LEASE = {"place": "log#lease"}


class NotSealed(Exception):
    """The entry is not in the log yet, or was not when the log had that size."""


@dataclass(frozen=True)
class Leaf:
    """One line of a batch: an entry, and the hash of its leaf in hex."""

    index: int
    chain: str
    seq: int
    leaf: str

    def line(self) -> str:
        return json.dumps(vars(self), ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Head:
    """The log as it was sealed last.

    root in hex; `sealed_at` is the moment up to which everything that was written is sealed;
    `note` is the newest signed checkpoint, "" before the first; `keys` are all keys that ever
    signed one, {kid, alg, public}.
    """

    size: int
    root: str
    alg: str
    sealed_at: str
    began: str
    note: str
    keys: tuple[Mapping[str, str], ...]
    frontier: tuple[bytes, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Head":
        return cls(
            size=int(row.get("size", 0)),
            root=str(row["root"]),
            alg=str(row["alg"]),
            sealed_at=str(row.get("sealed_at", "")),
            began=str(row["began"]),
            note=str(row.get("note", "")),
            keys=tuple(row.get("keys", ())),
            frontier=tuple(bytes(each) for each in row.get("frontier", ())),
        )


@dataclass(frozen=True)
class Proof:
    """That an entry is leaf `index` of the log of `size` leaves; the path in hex, leaf first."""

    chain: str
    seq: int
    index: int
    size: int
    path: list[str]


@dataclass(frozen=True)
class Batch:
    """Leaves that were decided on together, and the log after them."""

    first: int
    leaves: tuple[Leaf, ...]
    root: str
    frontier: tuple[bytes, ...]
    counted: Mapping[str, int]

    @property
    def size(self) -> int:
        """Of the log with this batch."""
        return self.first + len(self.leaves)

    def lines(self) -> bytes:
        """The batch as it lies in the bucket: one JSON line a leaf."""
        return "".join(f"{each.line()}\n" for each in self.leaves).encode()


class Seals(Table):
    """Reads prove; writes are of whoever seals, and of nobody else."""

    variable = "SEALS_TABLE"

    # What is asked of the log.

    def head(self) -> Head | None:
        """The log as it was sealed last; None before the first sealing. One read."""
        row = self.get(_HEAD)
        return Head.of(row) if row else None

    def index_of(self, chain: str, seq: int) -> int | None:
        """The place of an entry in the log; None while it is not sealed. One read."""
        row = self.get({"place": _leaf(chain, seq)})
        return int(row["index"]) if row else None

    def prove(self, chain: str, seq: int, size: int | None = None) -> Proof:
        """That an entry is in the log of `size` leaves, by default of the newest checkpoint.

        One read for the entry and O(log n) for the path. Raises NotSealed.
        """
        head = self.head()
        index = self.index_of(chain, seq)
        if head is None or index is None:
            raise NotSealed
        wanted = head.size if size is None else size
        if not index < wanted <= head.size:
            raise NotSealed
        path = merkle.inclusion(digest_by(head.alg), index, wanted, self._nodes(head.alg))
        return Proof(chain, seq, index, wanted, [each.hex() for each in path])

    def proofs(self, places: Iterable[tuple[str, int]], head: Head) -> list[Proof]:
        """Of many entries (chain, seq) those that are in the log of a head, in its order.

        One batch of reads for the places, and each tile once.
        """
        asked = {_leaf(chain, seq): (chain, seq) for chain, seq in places}
        rows = self.get_many([{"place": each} for each in asked])
        found = sorted((int(row["index"]), *asked[row["place"]]) for row in rows)
        digest, nodes = digest_by(head.alg), self._nodes(head.alg)
        return [
            Proof(
                chain,
                seq,
                index,
                head.size,
                [each.hex() for each in merkle.inclusion(digest, index, head.size, nodes)],
            )
            for index, chain, seq in found
            if index < head.size
        ]

    def consistency(self, old: int, new: int | None = None) -> list[str]:
        """That the log of `old` leaves is the beginning of that of `new`; hashes in hex.

        By default `new` is the size of the newest checkpoint. Raises NotSealed for sizes that the
        log has not reached, and for an empty old one, which needs no proof.
        """
        head = self.head()
        wanted = head.size if head and new is None else new
        if head is None or wanted is None or not 0 < old <= wanted <= head.size:
            raise NotSealed
        path = merkle.consistency(digest_by(head.alg), old, wanted, self._nodes(head.alg))
        return [each.hex() for each in path]

    def sealed(self, places: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
        """Those of many places (chain, seq) that are in the log."""
        asked = {_leaf(chain, seq): (chain, seq) for chain, seq in places}
        return {asked[row["place"]] for row in self.get_many([{"place": each} for each in asked])}

    def counts(self, buckets: Sequence[str]) -> dict[str, int]:
        """How many entries were sealed of each "<table>#<hour>"."""
        rows = self.get_many([{"place": f"count#{each}"} for each in buckets])
        found = {row["place"].removeprefix("count#"): int(row["sealed"]) for row in rows}
        return {each: found.get(each, 0) for each in buckets}

    # What whoever seals writes, in this order.

    def lease(self, owner: str, *, now: int, seconds: int) -> int | None:
        """Become the one who seals; the fence, or None while another one does. Times in epoch s."""
        try:
            row = self.update(
                _LEASE,
                sets={"owner": owner, "until": now + seconds},
                adds={"fence": 1},
                when="attribute_not_exists(place) OR #s1 < :now OR #s0 = :me",
                now=now,
                me=owner,
            )
        except ConditionFailed:
            return None
        return int(row["fence"])

    def release(self, owner: str) -> None:
        """Let the next one seal at once."""
        with suppress(ConditionFailed):
            self.update(_LEASE, sets={"owner": None, "until": 0}, when="#s0 = :me", me=owner)

    def begin(self, *, alg: str, at: str) -> Head:
        """Open an empty log; one that is open stays as it is."""
        empty = {**_HEAD, "size": 0, "root": digest_by(alg)(b"").hex(), "alg": alg, "began": at}
        with suppress(ConditionFailed):
            self.put(empty, when="attribute_not_exists(place)")
        head = self.head()
        if head is None:
            raise LookupError("the head of the log cannot be read")
        return head

    def decided(self, first: int) -> Batch | None:
        """The batch that begins with leaf `first`, if it was decided on."""
        row = self.get({"place": _batch(first)})
        return _batch_of(row) if row else None

    def decide(self, batch: Batch, *, fence: int) -> bool:
        """Decide what follows in the log: false when it is decided already, or by another now."""
        row = {
            "place": _batch(batch.first),
            "root": batch.root,
            "frontier": list(batch.frontier),
            "counted": dict(batch.counted),
            "leaves": zlib.compress(batch.lines()),
        }
        try:
            transact(
                self.putting(row, when="attribute_not_exists(place)"),
                self.checking(_LEASE, when="fence = :mine", mine=fence),
            )
        except ConditionFailed:
            return False
        return True

    def enter(self, batch: Batch, alg: str) -> None:
        """Write the places and hashes of a batch; again without harm."""
        self._put_all(
            {"place": _leaf(each.chain, each.seq), "index": each.index} for each in batch.leaves
        )
        hashes = [bytes.fromhex(each.leaf) for each in batch.leaves]
        level, begin = 0, batch.first
        while hashes:
            hashes, begin = self._extend(level, begin, hashes, alg)
            level += 1

    def advance(self, batch: Batch, *, note: str, key: Mapping[str, str], known: Head) -> None:
        """Make a batch the head of the log, and count it: both once."""
        keys = [dict(each) for each in known.keys]
        if key["kid"] not in {each["kid"] for each in keys}:
            keys.append(dict(key))
        head = self.updating(
            _HEAD,
            sets={
                "size": batch.size,
                "root": batch.root,
                "frontier": list(batch.frontier),
                "note": note,
                "keys": keys,
            },
            when="#s0 = :was",
            was=batch.first,
        )
        counted = [
            self.updating({"place": f"count#{bucket}"}, adds={"sealed": n})
            for bucket, n in batch.counted.items()
        ]
        with suppress(ConditionFailed):
            # Another one has finished it: the head is there, and the counts with it.
            transact(head, *counted)

    def swept(self, at: str) -> None:
        """Everything that was written up to a moment is sealed."""
        with suppress(ConditionFailed):
            self.update(
                _HEAD,
                sets={"sealed_at": at},
                when="attribute_not_exists(#s0) OR #s0 < :at",
                at=at,
            )

    def _extend(
        self, level: int, begin: int, hashes: Sequence[bytes], alg: str
    ) -> tuple[list[bytes], int]:
        """Put hashes of a level into its tiles; the new ones of the level above, and where."""
        digest, above = digest_by(alg), list[bytes]()
        first, offset = divmod(begin, TILE)
        before = self._tile(level, first)[: offset * 32] if offset else b""
        if len(before) != offset * 32:
            raise LookupError(f"tile {level}/{first} is shorter than the log")
        rest, n = before + b"".join(hashes), first
        while rest:
            held, rest = rest[: TILE * 32], rest[TILE * 32 :]
            filled = len(held) // 32
            with suppress(ConditionFailed):
                # A fuller one is of a later batch: what comes late takes nothing away.
                self.put(
                    {"place": f"tile#{level}#{n}", "hashes": held, "filled": filled},
                    when="attribute_not_exists(place) OR filled < :filled",
                    filled=filled,
                )
            if filled == TILE:
                above.append(_perfect(digest, held))
            n += 1
        return above, first

    def _nodes(self, alg: str) -> merkle.Node:
        """The perfect subtrees of the log, read from its tiles, each tile once."""
        digest, tiles = digest_by(alg), dict[tuple[int, int], bytes]()

        def node(level: int, index: int) -> bytes:
            row, height = divmod(level, _TILE_LEVELS)
            n, offset = divmod(index << height, TILE)
            if (row, n) not in tiles:
                tiles[row, n] = self._tile(row, n)
            return _perfect(digest, tiles[row, n][offset * 32 : (offset + (1 << height)) * 32])

        return node

    def _tile(self, level: int, n: int) -> bytes:
        row = self.get({"place": f"tile#{level}#{n}"})
        return bytes(row["hashes"]) if row else b""

    def _put_all(self, rows: Iterable[Mapping[str, Any]]) -> None:
        left = [{"PutRequest": {"Item": pack(row)}} for row in rows]
        while left:
            batch, left = left[:_AT_ONCE], left[_AT_ONCE:]
            answer = client("dynamodb").batch_write_item(RequestItems={self.name: batch})
            left += answer.get("UnprocessedItems", {}).get(self.name, [])


def made(head: Head, entries: Sequence[tuple[str, int, bytes, str]]) -> Batch:
    """The batch of entries (chain, seq, canonical bytes, bucket) that follows a head."""
    digest = digest_by(head.alg)
    frontier = merkle.Frontier(digest, head.size, list(head.frontier))
    leaves: list[Leaf] = []
    for chain, seq, data, _ in entries:
        hashed = merkle.leaf_hash(digest, data)
        leaves.append(Leaf(frontier.size, chain, seq, hashed.hex()))
        frontier.add(hashed)
    return Batch(
        head.size,
        tuple(leaves),
        frontier.root().hex(),
        tuple(frontier.hashes),
        Counter(bucket for _, _, _, bucket in entries),
    )


def _perfect(digest: Any, held: bytes) -> bytes:
    """The root over hashes side by side, a power of two of them."""
    level = [held[at : at + 32] for at in range(0, len(held), 32)]
    if not level or len(level) & (len(level) - 1):
        raise LookupError("the log has no such subtree")
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [merkle.node_hash(digest, left, right) for left, right in pairs]
    return level[0]


def _leaf(chain: str, seq: int) -> str:
    return f"leaf#{chain}#{seq}"


def _batch(first: int) -> str:
    return f"batch#{first:012d}"


def _batch_of(row: Row) -> Batch:
    lines = zlib.decompress(row["leaves"]).decode().splitlines()
    return Batch(
        first=int(row["place"].removeprefix("batch#")),
        leaves=tuple(Leaf(**json.loads(each)) for each in lines),
        root=row["root"],
        frontier=tuple(bytes(each) for each in row["frontier"]),
        counted={name: int(n) for name, n in row["counted"].items()},
    )
