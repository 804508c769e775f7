"""Sealing: every entry of the ledger and every fact goes into the log, once, and within a minute.

Entries are found by their hour: each run reads what was written since the last one, with an
overlap, and counts two earlier hours again, so that what was committed late or dated wrongly is
found however late it comes. An entry waits until the one before it in its chain is in the log.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, Self

from chepai.domain import checkpoint, tracing
from chepai.domain import ledger as entries
from chepai.domain.checkpoint import Checkpoint
from chepai.edge.clock import now
from chepai.edge.observing import tell
from chepai.records import facts as facts_of
from chepai.records.applications import stamp
from chepai.records.evidence import Evidence, OtherwiseWritten
from chepai.records.facts import Facts
from chepai.records.ledger import Ledger, suite
from chepai.records.seals import Batch, Head, Seals, made
from chepai.records.signing import Signer
from chepai.records.traces import Traces

BATCH = 1024
"""Leaves that are sealed together at most."""
OVERLAP = timedelta(minutes=10)
"""Longer than a function may run and a clock of the provider be wrong."""
BUCKETS_AT_MOST = 90
"""A transaction takes a hundred writes; a batch counts one for each hour, shard and table."""
LEASE_SECONDS = 90
REMEMBERED = 200_000
LEDGER, FACTS = "ledger", "facts"

Place = tuple[str, int]


class Found(NamedTuple):
    """An entry that is to be sealed: where it lies, when it was made, and where it was found."""

    at: str
    chain: str
    seq: int
    bucket: str

    @property
    def place(self) -> Place:
        return self.chain, self.seq


class Sealed(NamedTuple):
    """What one run did: leaves, checkpoints, chains that do not fit together, the log's size.

    `everything`: nothing was left that was written when the run last looked.
    """

    leaves: int
    checkpoints: int
    broken: tuple[str, ...]
    size: int
    everything: bool = True


@dataclass
class Sealing:
    """The adapters that sealing takes, and what this container knows to be sealed."""

    ledger: Ledger
    facts: Facts
    seals: Seals
    bucket: Evidence
    signer: Signer
    traces: Traces
    known: set[Place] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Ledger.from_env(),
            Facts.from_env(),
            Seals.from_env(),
            Evidence.from_env("seals"),
            Signer.from_env("ledger"),
            Traces.from_env(),
        )

    def run(self, owner: str, goes_on: Callable[[], bool] = lambda: True) -> Sealed | None:
        """Seal until nothing is left or `goes_on` says no; None while another one seals.

        What an earlier run has begun is finished first. Raises OtherwiseWritten when the bucket
        has another checkpoint than the one decided on: somebody forged it.
        """
        fence = self.seals.lease(owner, now=int(now().timestamp()), seconds=LEASE_SECONDS)
        if fence is None:
            return None
        try:
            return self._run(fence, goes_on)
        finally:
            self.seals.release(owner)

    def _run(self, fence: int, goes_on: Callable[[], bool]) -> Sealed:
        self.broken.clear()
        head = self.seals.begin(alg=suite().digest, at=stamp(now()))
        began, everything = head.size, False
        head = self._finish(head)
        checkpoints = int(head.size > began)
        while goes_on():
            looked_at = now()
            found = self._in_order(self._unsealed(head, looked_at))
            for batch in self._batches(found):
                if not (goes_on() and self._seal(batch, fence)):
                    return self._told(began, checkpoints, everything)
                size, head = head.size, self._finish(self._head())
                checkpoints += head.size > size
            self.seals.swept(stamp(looked_at))
            everything = True
            if not found:
                break
        return self._told(began, checkpoints, everything)

    def _told(self, began: int, checkpoints: int, everything: bool) -> Sealed:
        size = self._head().size
        return Sealed(size - began, checkpoints, tuple(sorted(self.broken)), size, everything)

    def _head(self) -> Head:
        head = self.seals.head()
        if head is None:
            raise LookupError("the log has no head")
        return head

    # Finding.

    def _unsealed(self, head: Head, at: datetime) -> dict[Place, Found]:
        """Everything found that is not in the log, with all that comes before it in its chain."""
        since = datetime.fromisoformat(head.sealed_at or head.began) - OVERLAP
        found = {each.place: each for each in self._written(min(since, at - OVERLAP), at + OVERLAP)}
        for hour in self._patrolled(head, at):
            found |= {each.place: each for each in self._of_hour(hour)}
        left = self._with_predecessors(self._without_sealed(found))
        return {place: each for place, each in left.items() if each.chain not in self.broken}

    def _written(self, since: datetime, until: datetime) -> Iterator[Found]:
        hour = _full(since)
        while hour <= until:
            for table, bucket in _buckets(hour):
                yield from self._in_bucket(table, bucket, since=stamp(since))
            hour += _HOUR

    def _patrolled(self, head: Head, at: datetime) -> Iterator[datetime]:
        """The patrolled hours in which more was written than was sealed."""
        for hour in patrolled(datetime.fromisoformat(head.began), at):
            buckets = [f"{table}#{bucket}" for table, bucket in _buckets(hour)]
            sealed = self.seals.counts(buckets)
            if any(self._count(each) != sealed[each] for each in buckets):
                yield hour

    def _count(self, name: str) -> int:
        table, _, bucket = name.partition("#")
        return self._table(table).count("#h = :h", {":h": bucket}, names=_H, index=_BY_HOUR)

    def _of_hour(self, hour: datetime) -> Iterator[Found]:
        for table, bucket in _buckets(hour):
            yield from self._in_bucket(table, bucket)

    def _in_bucket(self, table: str, bucket: str, since: str = "0") -> Iterator[Found]:
        at = _AT[table]
        rows = self._table(table).query(
            "#h = :h AND #t >= :s",
            {":h": bucket, ":s": since},
            names=_H | {"#t": at},
            index=_BY_HOUR,
        )
        for row in rows:
            chain, seq = facts_of.place_of(row) if table == FACTS else (row["chain"], row["seq"])
            yield Found(str(row[at]), chain, seq, f"{table}#{bucket}")

    def _table(self, name: str) -> Ledger | Facts:
        return self.facts if name == FACTS else self.ledger

    def _without_sealed(self, found: Mapping[Place, Found]) -> dict[Place, Found]:
        asked = [place for place in found if place not in self.known]
        sealed = self.seals.sealed(asked)
        self._remember(sealed)
        return {place: found[place] for place in asked if place not in sealed}

    def _remember(self, places: Iterable[Place]) -> None:
        if len(self.known) > REMEMBERED:
            self.known.clear()
        self.known.update(places)

    def _with_predecessors(self, left: dict[Place, Found]) -> dict[Place, Found]:
        """An index may show an entry before the one it follows: that one is fetched by its key."""
        complete = dict(left)
        fresh = list(left.values())
        while fresh:
            before = {
                (each.chain, each.seq - 1): each
                for each in fresh
                if each.seq > 1 and (each.chain, each.seq - 1) not in complete
            }
            missing = [
                place
                for place in before
                if place not in self.known and place not in self.seals.sealed([place])
            ]
            fresh = [
                Found(row_at, chain, seq, bucket)
                for (chain, seq), (row_at, bucket) in self._where(missing).items()
            ]
            complete |= {each.place: each for each in fresh}
        return complete

    def _where(self, places: Sequence[Place]) -> dict[Place, tuple[str, str]]:
        return {
            place: (str(row[_AT[table]]), f"{table}#{row['hour']}")
            for place, (table, row) in self._read(places).items()
        }

    def _read(self, places: Iterable[Place]) -> dict[Place, tuple[str, dict[str, Any]]]:
        """Rows by place, with the table they are in; entries are whole, facts as they are kept."""
        asked = list(places)
        told = [place for place in asked if not place[0].startswith(facts_of.CHAIN)]
        said = [place for place in asked if place[0].startswith(facts_of.CHAIN)]
        rows = {
            (str(row["chain"]), int(row["seq"])): (LEDGER, row) for row in self.ledger.many(told)
        }
        for row in self.facts.get_many([facts_of.key_of(*place) for place in said]):
            rows[facts_of.place_of(row)] = (FACTS, row)
        return rows

    # Sealing.

    @staticmethod
    def _in_order(found: Mapping[Place, Found]) -> list[Found]:
        """By time; within a chain by place, whatever its clocks said."""
        by_chain: dict[str, list[Found]] = defaultdict(list)
        for each in found.values():
            by_chain[each.chain].append(each)
        following = {c: iter(sorted(all_of, key=_seq)) for c, all_of in by_chain.items()}
        return [next(following[each.chain]) for each in sorted(found.values())]

    @staticmethod
    def _batches(found: Sequence[Found]) -> Iterator[list[Found]]:
        left = iter(found)
        carried: list[Found] = []
        while batch := carried + list(islice(left, BATCH - len(carried))):
            buckets: set[str] = set()
            end = len(batch)
            for nth, each in enumerate(batch):
                buckets.add(each.bucket)
                if len(buckets) > BUCKETS_AT_MOST:
                    end = nth
                    break
            yield batch[:end]
            carried = batch[end:]

    def _seal(self, found: Sequence[Found], fence: int) -> bool:
        """Decide on a batch; false when another one seals now."""
        head = self._head()
        rows = self._read(each.place for each in found)
        leaves: list[tuple[str, int, bytes, str]] = []
        for each in found:
            _, row = rows.get(each.place, ("", None))
            if each.chain in self.broken or row is None or not _fits(row):
                # It stays out until somebody has looked: what is sealed is believed.
                self.broken.add(each.chain)
                continue
            leaves.append((*each.place, entries.canonical(row), each.bucket))
        return not leaves or self.seals.decide(made(head, leaves), fence=fence)

    def _finish(self, head: Head) -> Head:
        """Do all that follows from the batches decided on after a head; again without harm."""
        while batch := self.seals.decided(head.size):
            name = f"{batch.first:012d}-{batch.size - 1:012d}"
            self.bucket.put_once(f"batches/{name}.jsonl", batch.lines(), kind="application/jsonl")
            note = self._checkpoint(batch, head.alg)
            self.seals.enter(batch, head.alg)
            self._trace(batch)
            self.seals.advance(batch, note=note, key=self.signer.told(), known=head)
            self._remember((each.chain, each.seq) for each in batch.leaves)
            tell("sealed", count=len(batch.leaves))
            head = self._head()
        return head

    def _checkpoint(self, batch: Batch, alg: str) -> str:
        """The signed checkpoint of the log with a batch, written once."""
        origin = checkpoint.origin_of(os.environ["CHEPAI_STAGE"], os.environ["CHEPAI_CITY"])
        point = Checkpoint(origin, batch.size, bytes.fromhex(batch.root), alg)
        note = checkpoint.signed(
            point,
            algorithm=self.signer.algorithm,
            public=self.signer.public,
            sign=self.signer.sign,
        )
        key = f"checkpoints/{batch.size:012d}"
        try:
            self.bucket.put_once(key, note.encode(), kind="text/plain; charset=utf-8")
        except OtherwiseWritten:
            # The run that died may have signed with another key, or by SM2, which signs the same
            # words differently each time. Other words are another log.
            note = self.bucket.read(key).decode(errors="replace")
            if not _says(note, point):
                raise
        return note

    def _trace(self, batch: Batch) -> None:
        told = [(e.chain, e.seq) for e in batch.leaves if not e.chain.startswith(facts_of.CHAIN)]
        rows = self.ledger.many(told)
        self.traces.keep(thread.row() for row in rows for thread in tracing.threads(row))


_BY_HOUR = "by_hour"
_H = {"#h": "hour"}
_AT = {LEDGER: "at", FACTS: "received_at"}
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def patrolled(began: datetime, at: datetime) -> set[datetime]:
    """Two hours that are counted again in this minute: one of the last day, one of all.

    All are those since a day before the log began until a day from now; each comes round.
    """
    this, minute = _full(at), int(at.timestamp()) // 60
    first = _full(began) - _DAY
    # A power of two: were it one more every hour, some would be skipped for ever.
    hours = 1 << int((this + _DAY - first) / _HOUR).bit_length()
    return {this - minute % 24 * _HOUR, first + minute % hours * _HOUR}


def _full(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _buckets(hour: datetime) -> Iterator[tuple[str, str]]:
    name = stamp(hour.astimezone(UTC))[:13]
    for table in (LEDGER, FACTS):
        for shard in range(entries.SHARDS):
            yield table, f"{name}#{shard}"


def _says(note: str, point: Checkpoint) -> bool:
    try:
        return checkpoint.read(note) == point
    except ValueError:
        return False


def _fits(row: Mapping[str, Any]) -> bool:
    try:
        return entries.digest(row) == str(row["hash"])
    except LookupError:
        return False


def _seq(found: Found) -> int:
    return found.seq
