"""What dealing an offer and holding a number of it takes, with everybody at it at once.

`python -m bench.numbers` lets citizens in parallel take offers of ten from one segment and hold
one number each, by the code that does it for real, on the embedded DynamoDB. Counted are the
pool's own keys: the counters and the numbers. The row of a person's one hold belongs to the
person and is told beside.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import Measure, table
from chepai.domain import pool
from chepai.domain.application import Application
from chepai.domain.plates import PlateKind
from chepai.edge.ids import derived_id
from chepai.edge.offering import Offering
from chepai.edge.segments import Opened
from chepai.records.aws import client
from chepai.records.numbers import Numbers
from chepai.records.table import ConditionFailed, TryAgain, transact
from infra import publish
from infra.local.emulator import Emulator
from infra.stacks.records import TABLES

AT_ONCE = 8
HOLD = timedelta(minutes=10)
RANDOMNESS = "bench"


class Pool:
    """One segment of a pattern, and what was asked of its keys."""

    def __init__(self, numbers: Numbers, segment_id: str, pattern: str) -> None:
        segment = pool.open_segment(segment_id, PlateKind.SMALL, "鲁B", pattern)
        key = pool.effective_key(bytes(32), segment_id, RANDOMNESS)
        self.opened = Opened(segment, key)
        self.numbers = numbers
        # Dealing looks at nothing but the numbers and the kind of plate.
        nothing: Any = None
        self._offering = Offering(nothing, numbers, nothing, nothing, nothing)
        self._rules = publish.profile_of("qingdao").numsel
        self.conflicts = Counter[str]()

    @property
    def size(self) -> int:
        return self.opened.segment.size

    def deal(self) -> list[str]:
        """One offer, as the route deals it: smaller where the segment is crowded."""
        at, rules = datetime.now(UTC), self._rules
        wanted = self._offering.pacing.block(
            self.opened.segment, rules.batch_size, at=at, hold_seconds=rules.batch_seconds
        )
        return self._offering._from_segment(self.opened, wanted, rules, at)[0][:wanted]

    def pick(self, case: Application, offer: list[str]) -> bool:
        """Hold one of the offer, the next one when another was quicker."""
        for number in offer:
            try:
                self._hold(case, number)
            except ConditionFailed:
                self.conflicts["taken"] += 1
            else:
                return True
        return False

    def _hold(self, case: Application, number: str) -> None:
        now = datetime.now(UTC)
        held = self.numbers.holding(
            case.plate_kind,
            number,
            application_id=case.application_id,
            person_id=case.person_id,
            until=now + HOLD,
            now=now,
        )
        while True:
            try:
                return transact(*held)
            except TryAgain:
                self.conflicts["busy"] += 1


class Keys:
    """Reads and writes by what the key is of; it listens to this process's own client."""

    def __init__(self) -> None:
        self.writes = Counter[str]()
        self.reads = Counter[str]()
        client("dynamodb").meta.events.register("before-parameter-build.dynamodb", self._note)

    def _note(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        parts = [part for each in params.get("TransactItems", ()) for part in each.values()]
        for part in parts or [params]:
            key = part.get("Key") or part.get("Item")
            if key:
                self._count(model.name, str(key["number_key"]["S"]))
        for wanted in params.get("RequestItems", {}).values():
            for key in wanted["Keys"]:
                self._count(model.name, str(key["number_key"]["S"]))

    def _count(self, operation: str, key: str) -> None:
        word = key.partition("#")[0]
        kind = word if word in {"counter", "hold", "offer", "segments"} else "number"
        counted = self.reads if operation in {"GetItem", "BatchGetItem"} else self.writes
        counted[kind] += 1

    def clear(self) -> None:
        self.writes.clear()
        self.reads.clear()


@contextmanager
def numbers_table() -> Iterator[Numbers]:
    """The table of numbers on an embedded AWS that nobody else uses."""
    with TemporaryDirectory(prefix="chepai-bench-") as folder:
        with Emulator(Path(folder), close_gaps=False) as aws:
            os.environ |= {
                "AWS_ENDPOINT_URL": aws.endpoint,
                "AWS_DEFAULT_REGION": aws.region,
                "AWS_ACCESS_KEY_ID": aws.account,
                "AWS_SECRET_ACCESS_KEY": "bench",
            }
            client.cache_clear()
            key = TABLES["numbers"].key
            client("dynamodb").create_table(
                TableName="numbers",
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            )
            yield Numbers("numbers")
        client.cache_clear()


def citizen(segment: str, nth: int) -> Application:
    """A case that may choose, as far as the pool looks at it."""
    return Application(
        application_id=derived_id("app", segment, str(nth)),
        person_id=derived_id("per", segment, str(nth)),
        service="new_car",
        city="qingdao",
        profile_version="bench",
        status="awaiting_owner",
        submitted_at="",
        plate_kind=PlateKind.SMALL.value,
    )


def play(pool_: Pool, keys: Keys, people: int) -> tuple[float, float, float, int]:
    """Writes, reads and conflicts per pick, and how many people got a number."""
    cases = [citizen(pool_.opened.segment.segment_id, nth) for nth in range(people)]
    keys.clear()
    chance = random.Random(7)
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        # All look at their offer before the first one chooses: nothing is disjoint by luck.
        offers = [
            chance.sample(each, len(each)) for each in crowd.map(lambda _: pool_.deal(), cases)
        ]
        picked = sum(crowd.map(pool_.pick, cases, offers))
    told = ", ".join(f"{k} {v / people:.2f}" for k, v in sorted(keys.writes.items()))
    print(f"   {people} of {pool_.size} numbers: {picked} picked; writes per pick: {told}")
    own = sum(keys.writes[kind] for kind in ("counter", "number"))
    reads = sum(keys.reads.values())
    return own / picked, reads / picked, sum(pool_.conflicts.values()) / picked, picked


def measure() -> list[Measure]:
    """All figures of this module."""
    with numbers_table() as numbers:
        keys = Keys()
        # Thirty in a hundred positions are dealt once; then two and a half times all there are.
        enough = play(Pool(numbers, "enough", "DDDD"), keys, 300)
        short = play(Pool(numbers, "short", "DDD"), keys, 250)
    return [
        Measure("a pick: writes, supply lasts", enough[0], "", 2, 2),
        Measure("a pick: reads, supply lasts", enough[1], "", 0, 0),
        Measure("a pick: conflicts, supply lasts", enough[2], "", 0, 0),
        Measure("a pick: writes, 2.5 × oversubscribed", short[0], stretch=2),
        Measure("a pick: reads, 2.5 × oversubscribed", short[1], stretch=0),
        Measure("a pick: conflicts, 2.5 × oversubscribed", short[2], stretch=0),
        Measure("whose whole offer was taken, of 250 on 1,000", 250 - short[3]),
    ]


if __name__ == "__main__":
    print(table(measure()))
