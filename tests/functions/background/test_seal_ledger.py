"""Sealing: nothing is missed, nothing twice, no fork, wherever and whenever it is cut short."""

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chepai.domain import checkpoint, merkle
from chepai.domain.digests import ED25519, digest_by
from chepai.domain.facts import FactKind
from chepai.domain.ledger import Actor
from chepai.edge import sealing as sealing_of
from chepai.edge.sealing import Sealed, Sealing
from chepai.records import seals as seals_of
from chepai.records.aws import client
from chepai.records.evidence import OtherwiseWritten
from chepai.records.facts import Facts
from chepai.records.ledger import Ledger, entry
from chepai.records.seals import NotSealed, Seals
from tests.functions.conftest import City

START = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)
SHA = digest_by("sha-256")


class Key:
    """Stands in for the key service: the simulated one has no key of this kind."""

    def __init__(self, seed: int = 0) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.algorithm, self.kid = ED25519, f"k{seed}"
        self.public = self._key.public_key().public_bytes_raw()
        self.sign = self._key.sign

    def told(self) -> dict[str, str]:
        return {"kid": self.kid, "alg": self.algorithm, "public": "x"}


class Died(BaseException):
    """The function's process is gone: no handler of ours runs any more."""


class Office:
    """A city whose clock we move, and its sealer."""

    def __init__(self, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
        self.city, self.monkeypatch = city, monkeypatch
        self.now = START
        self.nth = 0
        monkeypatch.setattr(sealing_of, "now", lambda: self.now)
        city.function("background", "seal_ledger")
        self.restart()

    def restart(self) -> None:
        """A fresh container, which remembers nothing."""
        self.sealing = Sealing.from_env()
        self.sealing.signer = Key()  # type: ignore[assignment]

    def seal(self) -> Sealed | None:
        self.nth += 1
        return self.sealing.run(f"run-{self.nth}")

    def minute(self) -> Sealed | None:
        """The next run of the clock; a lease that nobody gave back has run out."""
        self.now += timedelta(minutes=2)
        return self.seal()

    def write(self, chain: str, *, at: datetime | None = None, seq: int = 0) -> dict[str, Any]:
        """One entry at the end of a chain, dated as its writer's clock says."""
        ledger = Ledger.from_env()
        last, prev = ledger.head(chain)
        made = entry(
            chain=chain, seq=seq or last + 1, prev=prev, at=_stamp(at or self.now),
            actor=Actor("system", "test"), act="changed",
        )  # fmt: skip
        ledger.append(made)
        return made

    def say(self, subject: str, nth: int) -> None:
        Facts.from_env().append(
            subject, FactKind.INVOICE, {"nth": nth}, occurred_at=self.now, received_at=self.now,
            partner="tax", message_id=f"{subject}-{nth}", kid="k", digest="d" * 64,
        )  # fmt: skip

    def leaves(self) -> list[dict[str, Any]]:
        """Every line of every batch in the bucket, in order."""
        return [
            json.loads(line)
            for key, body in sorted(self.objects("batches/").items())
            for line in body.splitlines()
        ]

    def objects(self, prefix: str) -> dict[str, str]:
        bucket = self.sealing.bucket
        found = client("s3").list_objects_v2(Bucket=bucket.bucket, Prefix=prefix)
        return {
            each["Key"]: bucket.read(each["Key"]).decode() for each in found.get("Contents", ())
        }

    def written(self) -> set[tuple[str, int]]:
        told = {(row["chain"], int(row["seq"])) for row in self.city.rows("ledger")}
        said = {
            (f"fact#{row['subject']}|{row['version_key'][:3]}", int(row["version_key"][4:]))
            for row in self.city.rows("facts")
        }
        return told | said

    def must_be_whole(self, *, proofs: bool = True) -> None:
        """What is written is sealed, once; every checkpoint leads to the next; proofs hold."""
        leaves = self.leaves()
        assert [each["index"] for each in leaves] == list(range(len(leaves)))
        places = [(each["chain"], each["seq"]) for each in leaves]
        assert sorted(places) == sorted(self.written())
        frontier, hashes = merkle.Frontier(SHA), [bytes.fromhex(each["leaf"]) for each in leaves]
        roots = {0: frontier.root()}
        for each in hashes:
            frontier.add(each)
            roots[frontier.size] = frontier.root()
        points = [checkpoint.read(note) for _, note in sorted(self.objects("checkpoints/").items())]
        for point in points:
            assert point.root == roots[point.size]
        seals = Seals.from_env()
        head = seals.head()
        assert head is not None
        assert (head.size, head.root) == (len(leaves), roots[len(leaves)].hex())
        assert {point.size for point in points} >= {len(leaves)} - {0}
        counted = sum(int(row.get("sealed", 0)) for row in self.city.rows("seals"))
        assert counted == len(leaves)
        for place, hashed in zip(places, hashes, strict=True) if proofs else ():
            proof = seals.prove(*place)
            path = [bytes.fromhex(each) for each in proof.path]
            assert merkle.included(SHA, hashed, proof.index, head.size, path, roots[head.size])
        for old in points if proofs else ():
            path = [bytes.fromhex(each) for each in seals.consistency(old.size)]
            assert merkle.consistent(SHA, old.size, head.size, old.root, roots[head.size], path)


@pytest.fixture
def office(city: City, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(city, monkeypatch)


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_entries_and_facts_are_sealed_and_proven(office):
    for nth in range(3):
        office.write("app_1")
        office.write("person#per_1")
        office.say("vin#V", nth)
    assert office.seal() == Sealed(9, 1, (), 9)
    office.must_be_whole()
    assert office.minute() == Sealed(0, 0, (), 9)
    office.write("app_1")
    assert office.minute() == Sealed(1, 1, (), 10)
    office.must_be_whole()


def test_a_chain_is_in_the_log_in_its_order_whatever_its_clocks_said(office):
    office.write("app_1", at=START + timedelta(minutes=5))
    office.write("app_1", at=START - timedelta(minutes=5))
    office.write("app_1", at=START)
    office.seal()
    assert [each["seq"] for each in office.leaves()] == [1, 2, 3]


def test_a_burst_is_drained_in_one_run(office, monkeypatch):
    monkeypatch.setattr(sealing_of, "BATCH", 7)
    for nth in range(40):
        office.write(f"app_{nth % 6}")
    assert office.seal() == Sealed(40, 6, (), 40)
    office.must_be_whole()


@pytest.fixture
def small_tiles(monkeypatch):
    """Four hashes a tile, so that a short log has several levels of them."""
    monkeypatch.setattr(seals_of, "TILE", 4)
    monkeypatch.setattr(seals_of, "_TILE_LEVELS", 2)


@pytest.mark.usefixtures("small_tiles")
def test_tiles_are_filled_and_followed(office, monkeypatch):
    monkeypatch.setattr(sealing_of, "BATCH", 9)
    for many in (3, 30, 40):
        for nth in range(many):
            office.write(f"app_{nth % 3}")
        office.minute()
    assert office.seal() == Sealed(0, 0, (), 73)
    office.must_be_whole()
    kept = {row["place"] for row in office.city.rows("seals")}
    assert {"tile#0#18", "tile#1#4", "tile#2#0", "tile#3#0"} <= kept


@pytest.mark.usefixtures("small_tiles")
def test_a_proof_reads_few_rows(office, monkeypatch):
    for nth in range(70):
        office.write(f"app_{nth % 3}")
    office.seal()
    seals = Seals.from_env()
    read: list[Any] = []
    get = seals.get

    def counted(key: Any, **more: Any) -> Any:
        read.append(key)
        return get(key, **more)

    monkeypatch.setattr(seals, "get", counted)
    for work in (lambda: seals.prove("app_1", 7), lambda: seals.consistency(23)):
        read.clear()
        work()
        # The head, the leaf, and two tiles at most for each of the four levels.
        assert len(read) <= 2 + 2 * 4


@pytest.mark.parametrize("late", [1, 30, 26 * 60, 20 * 24 * 60])
def test_what_was_committed_late_or_dated_wrongly_is_found(office, late):
    """Entries dated `late` minutes ago or ahead come in only now."""
    began = office.now = START - timedelta(days=21)
    office.write("app_1")
    office.seal()
    # As if it had run every minute since.
    Seals.from_env().swept(_stamp(START))
    office.now = START
    office.write("app_2")
    office.minute()
    dated = {START - timedelta(minutes=late), START + timedelta(minutes=min(late, 600))}
    for nth, at in enumerate(sorted(dated)):
        office.write(f"app_{nth + 3}", at=at)
    for minute in range(1, 24 * 24):
        office.now = START + timedelta(minutes=minute + 5)
        hours = {each.replace(minute=0) for each in dated}
        if minute == 1 or hours & sealing_of.patrolled(began, office.now):
            office.seal()
    office.must_be_whole()


def test_every_hour_is_counted_again_before_long():
    began, at = START - timedelta(days=50), START
    seen: dict[datetime, int] = {}
    for minute in range(2 * 24 * 53):
        for hour in sealing_of.patrolled(began, at + timedelta(minutes=minute)):
            seen.setdefault(hour, minute)
    hour = (began - timedelta(days=1)).replace(minute=0)
    while hour <= at + timedelta(days=1):
        assert hour in seen, hour
        hour += timedelta(hours=1)
    last_day = [at.replace(minute=0) - timedelta(hours=nth) for nth in range(24)]
    assert max(seen[each] for each in last_day) < 24


def test_an_index_that_lags_shows_nothing_out_of_order(office):
    """The second entry of a chain is shown before the first: the first is fetched by its key."""
    office.write("app_1")
    office.write("app_1")
    whole = office.sealing._in_bucket

    def lagging(table: str, bucket: str, since: str = "0") -> Iterator[Any]:
        return (each for each in whole(table, bucket, since) if each.seq == 2)

    office.sealing._in_bucket = lagging
    office.seal()
    office.must_be_whole()


def test_a_long_pause_is_made_up_for(office):
    office.write("app_1")
    office.seal()
    for hour in range(9):
        office.now = START + timedelta(hours=hour)
        office.write("app_1")
        office.write(f"app_{hour + 2}")
    office.now += timedelta(hours=3)
    assert office.seal() == Sealed(18, 1, (), 19)
    office.must_be_whole()


def test_what_was_tampered_with_is_not_believed_and_holds_up_nobody_else(office):
    office.write("app_1")
    office.write("app_2")
    ledger = Ledger.from_env()
    ledger.update({"chain": "app_1", "seq": 1}, sets={"act": "forged"})
    office.write("app_1")
    assert office.seal() == Sealed(1, 1, ("app_1",), 1)
    assert [each["chain"] for each in office.leaves()] == ["app_2"]
    # It holds up neither the others nor the registrations: it is for somebody to look at.
    assert office.minute() == Sealed(0, 0, ("app_1",), 1)
    assert Seals.from_env().head().sealed_at == _stamp(office.now)
    with pytest.raises(NotSealed):
        Seals.from_env().prove("app_1", 1)


CALLS = {
    "dynamodb": ("transact_write_items", "batch_write_item", "put_item", "update_item"),
    "s3": ("put_object",),
}


def _dies(office: Office, monkeypatch: pytest.MonkeyPatch, at: int, *, after: bool) -> bool:
    """Let the process of a run die at one of its writes, before or after it; false if it ended."""
    made = 0

    def mortal(call: Any) -> Any:
        def calling(**asked: Any) -> Any:
            nonlocal made
            made += 1
            # Once dead, it does nothing any more, not even what it had meant to do in the end.
            if made > at or (made == at and not after):
                raise Died
            answer = call(**asked)
            if made == at:
                raise Died
            return answer

        return calling

    with monkeypatch.context() as patch:
        for service, names in CALLS.items():
            for name in names:
                patch.setattr(client(service), name, mortal(getattr(client(service), name)))
        with suppress(Died):
            office.seal()
    return made >= at


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
def test_it_may_die_at_any_write(office, monkeypatch, after):
    monkeypatch.setattr(sealing_of, "BATCH", 4)
    for at in range(1, 99):
        office.now += timedelta(minutes=2)
        for nth in range(5):
            office.write(f"app_{nth % 3}")
        if not _dies(office, monkeypatch, at, after=after):
            break
        # Meanwhile others write: what is decided next differs from what was about to be.
        office.write("app_9")
        office.restart()
        office.minute()
        office.must_be_whole(proofs=False)
    office.must_be_whole()
    # Two batches of eight writes, and what is written about the run itself.
    assert at >= 18


def test_two_at_once_make_one_log(office, monkeypatch):
    """A run that was asleep for longer than its lease goes on while another one has sealed."""
    office.write("app_1")
    rival = Sealing.from_env()
    rival.signer = Key()  # type: ignore[assignment]
    decide = office.sealing.seals.decide

    def sleeps_before(batch: Any, *, fence: int) -> bool:
        office.now += timedelta(minutes=5)
        office.write("app_2")
        assert rival.run("rival") == Sealed(2, 1, (), 2)
        return bool(decide(batch, fence=fence))

    monkeypatch.setattr(office.sealing.seals, "decide", sleeps_before)
    office.seal()
    office.must_be_whole()
    assert len(office.objects("checkpoints/")) == 1


def test_what_a_dead_rival_has_decided_stands(office, monkeypatch):
    """It had signed its checkpoint and died; whoever slept meanwhile decides nothing else."""
    office.write("app_1")
    rival = Sealing.from_env()
    rival.signer = Key()  # type: ignore[assignment]
    decide = office.sealing.seals.decide

    def dies(*_said: Any, **_more: Any) -> None:
        raise Died

    def sleeps_before(batch: Any, *, fence: int) -> bool:
        office.now += timedelta(minutes=5)
        office.write("app_2")
        monkeypatch.setattr(rival.seals, "advance", dies)
        with suppress(Died):
            rival.run("rival")
        # Even the lease is its own again: only the decision itself stands between the two.
        again = office.sealing.seals.lease("again", now=2**33, seconds=90) or fence
        return bool(decide(batch, fence=again))

    monkeypatch.setattr(office.sealing.seals, "decide", sleeps_before)
    office.seal()
    monkeypatch.setattr(office.sealing.seals, "decide", decide)
    office.now = datetime.fromtimestamp(2**33 + 600, UTC)
    Seals.from_env().swept(_stamp(office.now))
    office.seal()
    office.must_be_whole()


def test_a_run_whose_time_is_short_says_that_something_is_left(office, monkeypatch):
    monkeypatch.setattr(sealing_of, "BATCH", 2)
    for nth in range(5):
        office.write(f"app_{nth}")
    left = iter([True, True, False])
    assert office.sealing.run("short", lambda: next(left)) == Sealed(2, 1, (), 2, everything=False)
    assert office.minute() == Sealed(3, 2, (), 5)
    office.must_be_whole()


class Context:
    aws_request_id = "run-1"

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def test_the_function_says_what_it_did(city, office, monkeypatch):
    from functions.background.seal_ledger import handler as module

    told: list[tuple[str, int]] = []
    monkeypatch.setattr(module, "count", lambda name, value: told.append((name, value)))
    monkeypatch.setattr(module, "sealing", office.sealing)
    office.write("app_1")
    assert module.handler({}, Context(59_000))["leaves"] == 1
    assert told == [("SealingDone", 1), ("Sealed", 1), ("ChainsBroken", 0)]
    assert module.handler({}, Context(1_000))["everything"] is False
    office.sealing.seals.lease("other", now=int(office.now.timestamp()), seconds=90)
    assert module.handler({}, Context(59_000)) == {}


def test_while_one_seals_another_steps_aside(office):
    assert office.sealing.seals.lease("other", now=int(START.timestamp()), seconds=90) == 1
    office.write("app_1")
    assert office.seal() is None
    assert office.minute() == Sealed(1, 1, (), 1)


def test_a_checkpoint_of_somebody_else_stops_the_sealing(office):
    office.write("app_1")
    office.sealing.bucket.put_once(f"checkpoints/{1:012d}", b"forged", kind="text/plain")
    with pytest.raises(OtherwiseWritten):
        office.seal()
    assert Seals.from_env().head().size == 0


def test_a_checkpoint_signed_by_the_key_before_is_taken_over(office, monkeypatch):
    office.write("app_1")

    def dies(*_said: Any, **_more: Any) -> None:
        raise Died

    monkeypatch.setattr(office.sealing.seals, "enter", dies)
    with suppress(Died):
        office.seal()
    office.restart()
    office.sealing.signer = Key(seed=1)
    assert office.minute() == Sealed(1, 1, (), 1)
    office.must_be_whole()
    (note,) = office.objects("checkpoints/").values()
    assert Seals.from_env().head().note == note


def test_any_order_of_writing_and_sealing_seals_everything(office):
    chance = random.Random(20261123)
    for _ in range(25):
        office.now += timedelta(seconds=chance.randrange(90))
        for _ in range(chance.randrange(4)):
            skew = timedelta(seconds=chance.randrange(-500, 500))
            office.write(f"app_{chance.randrange(5)}", at=office.now + skew)
        if chance.random() < 0.4:
            office.say(f"vin#{chance.randrange(3)}", chance.randrange(10**6))
        if chance.random() < 0.5:
            office.seal()
        if chance.random() < 0.2:
            office.restart()
    office.seal()
    office.must_be_whole()
    with pytest.raises(NotSealed):
        Seals.from_env().prove("app_1", 999)
    with pytest.raises(NotSealed):
        Seals.from_env().consistency(0)
