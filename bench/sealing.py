"""What sealing a burst takes: `python -m bench.sealing`, on the embedded AWS, by the code itself.

A backlog of entries is written, as a busy hour leaves it, and one sealer drains it.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import Measure, table
from chepai.domain.ledger import Actor, entry
from chepai.edge.ids import derived_id
from chepai.edge.sealing import Sealing
from chepai.records.applications import stamp
from chepai.records.aws import client
from chepai.records.table import pack
from infra.local.emulator import Emulator
from infra.place import Place
from tests.tables import make_tables, table_settings

PLACE = Place("sandbox", "qingdao")
CASES, ENTRIES = 400, 10
_AT_ONCE = 25


@contextmanager
def sealer() -> Iterator[Sealing]:
    """A sealer on an embedded AWS that nobody else uses."""
    with TemporaryDirectory(prefix="chepai-bench-") as folder:
        with Emulator(Path(folder), close_gaps=False) as aws:
            os.environ |= {
                "AWS_ENDPOINT_URL": aws.endpoint,
                "AWS_DEFAULT_REGION": aws.region,
                "AWS_ACCESS_KEY_ID": aws.account,
                "AWS_SECRET_ACCESS_KEY": "bench",
                "CHEPAI_STAGE": PLACE.stage,
                "CHEPAI_CITY": PLACE.city,
                "SEALS_BUCKET": PLACE.name("seals"),
                **table_settings(),
            }
            client.cache_clear()
            made = client("kms").create_key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
            os.environ["LEDGER_KEY_ARN"] = made["KeyMetadata"]["Arn"]
            client("s3").create_bucket(Bucket=PLACE.name("seals"), ObjectLockEnabledForBucket=True)
            make_tables(client("dynamodb"))
            yield Sealing.from_env()
        client.cache_clear()


def backlog() -> int:
    """Entries of many cases, one after the other; how many."""
    began = datetime.now(UTC) - timedelta(minutes=5)
    rows: list[dict[str, Any]] = []
    for case in range(CASES):
        chain, prev = derived_id("app", "sealing", str(case)), ""
        for seq in range(1, ENTRIES + 1):
            at = stamp(began + timedelta(milliseconds=seq * CASES + case))
            rows.append(
                entry(
                    chain=chain, seq=seq, prev=prev, at=at, actor=Actor("system", "bench"),
                    act="weighed", before={"status": "verifying"}, after={"status": "accepted"},
                    evidence=[{"subject": f"vin#{case}", "kind": "F06", "digest": "d" * 64}] * 3,
                    rule="bench",
                )
            )  # fmt: skip
            prev = rows[-1]["hash"]
    for begin in range(0, len(rows), _AT_ONCE):
        part = [{"PutRequest": {"Item": pack(each)}} for each in rows[begin : begin + _AT_ONCE]]
        client("dynamodb").batch_write_item(RequestItems={PLACE.name("ledger"): part})
    return len(rows)


def measure() -> list[Measure]:
    """All figures of this module."""
    with sealer() as sealing:
        many = backlog()
        calls: Counter[str] = Counter()

        def note(model: Any, **_: Any) -> None:
            calls[model.name] += 1

        for service in ("dynamodb", "s3", "kms"):
            client(service).meta.events.register(f"before-parameter-build.{service}", note)
        began = time.monotonic()
        sealed = sealing.run("bench")
        took = time.monotonic() - began
        if sealed is None or sealed.leaves != many:
            raise RuntimeError(f"{many} entries were written, sealed was {sealed}")
        told = ", ".join(f"{name} {n}" for name, n in calls.most_common())
        print(f"   {many} entries in {took:.1f} s, {many / took:,.0f} a second; calls: {told}")
    return [
        Measure("sealing 1,000 entries", 1000 * took / many, "s", binding=False),
        Measure("sealing 1,000 entries: AWS calls", 1000 * sum(calls.values()) / many, "", 200),
    ]


if __name__ == "__main__":
    print(table(measure()))
