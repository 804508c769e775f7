"""Take a picture of every record of a city and tell whether all that must hold does hold.

`python -m infra.check_city` looks at the running local city, or, with --aws, at the account of
your AWS profile (STAGE and CITY as for `make deploy`). It only reads. It scans whole tables and so
is the operator's alone: no function may scan.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from chepai.domain.invariants import INVARIANTS, Snapshot, Violation, check_all, skipped
from chepai.domain.profile import CityProfile
from chepai.records.cities import CURRENT
from chepai.records.table import Row, unpack
from infra.place import Place

Clients = Callable[[str], Any]

# What one picture shows wrong while people work may only be half of a change.
LOOK_AGAIN_SECONDS = 3.0
LOOKS = 3


def collect(place: Place, client: Clients, **known: Any) -> Snapshot:
    """One picture of a place. `known` is what else the caller knows: see `Snapshot`."""
    tables = {name: list(_scan(client, place.name(name))) for name in _tables(place, client)}
    worlds = _worlds(place, client) if place.is_sandbox else None
    picture: dict[str, Any] = {
        "taken_at": datetime.now(UTC),
        "tables": tables,
        "profiles": _profiles(tables["cities"]),
        "checkpoints": _notes(place, client),
        # After the facts: a message is archived before it becomes one.
        "archived": _archived(place, client),
    }
    if worlds is not None:
        picture |= {"orders": _of(worlds, "order#"), "registrations": _of(worlds, "registration#")}
    return Snapshot(**picture | known)


def check(
    place: Place, client: Clients, *, pause: float = LOOK_AGAIN_SECONDS, **known: Any
) -> tuple[Snapshot, list[Violation]]:
    """The last picture, and what was wrong in every one of several taken in turn.

    A table is read after another one while people work: what is wrong once may only look so.
    """
    picture = collect(place, client, **known)
    wrong = check_all(picture)
    for _ in range(LOOKS - 1):
        if not wrong:
            break
        time.sleep(pause)
        picture = collect(place, client, **known)
        still = set(check_all(picture))
        wrong = [each for each in wrong if each in still]
    return picture, wrong


def tell(picture: Snapshot, wrong: list[Violation]) -> Iterator[str]:
    """The summary, line by line: a row an invariant, and then each thing that is wrong."""
    rows = {name: len(rows) for name, rows in picture.tables.items() if rows}
    yield f"{sum(rows.values())} rows: " + ", ".join(f"{n} {name}" for name, n in rows.items())
    missing = skipped(picture)
    for each in INVARIANTS:
        broken = sum(one.invariant == each.name for one in wrong)
        word = "-" if each.name in missing else "✗" if broken else "✓"
        why = f" ({missing[each.name]})" if each.name in missing else ""
        yield f"  {word} {each.name:<4}{each.holds}{f': {broken} broken' if broken else ''}{why}"
    for one in wrong:
        yield f"    {one}"
    yield "all hold" if not wrong else f"{len(wrong)} violations"


def _tables(place: Place, client: Clients) -> list[str]:
    """The short names of all tables of a place: a new one is looked at without being told."""
    prefix = place.name("")
    pages = client("dynamodb").get_paginator("list_tables").paginate()
    names = [name for page in pages for name in page["TableNames"]]
    return sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))


def _scan(client: Clients, table: str) -> Iterator[Row]:
    ask: dict[str, Any] = {"TableName": table, "ConsistentRead": True}
    while True:
        answer = client("dynamodb").scan(**ask)
        yield from (unpack(item) for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        ask["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _worlds(place: Place, client: Clients) -> dict[str, Row]:
    """What the simulated partners have in their books, by key."""
    found = _scan(client, place.name("sandbox_worlds"))
    return {str(row["world_key"]): json.loads(str(row.get("body", "{}"))) for row in found}


def _of(worlds: Mapping[str, Row], kind: str) -> list[Row]:
    return [body for key, body in worlds.items() if key.startswith(kind) and body]


def _profiles(rows: list[Row]) -> dict[str, CityProfile]:
    return {
        str(row["version"]): CityProfile.of(json.loads(str(row["body"])))
        for row in rows
        if row["version"] != CURRENT
    }


def _notes(place: Place, client: Clients) -> dict[str, str] | None:
    """The signed checkpoints of the ledger's log, None where there is no such bucket."""
    s3, bucket = client("s3"), _bucket(place, client, "seals")
    if bucket is None:
        return None
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="checkpoints/")
    names = [each["Key"] for page in pages for each in page.get("Contents", [])]
    return {name: s3.get_object(Bucket=bucket, Key=name)["Body"].read().decode() for name in names}


def _archived(place: Place, client: Clients) -> frozenset[str] | None:
    """The messages of partners that are kept as they came; None where there is no archive."""
    bucket, folder = _bucket(place, client, "archive"), "messages/"
    if bucket is None:
        return None
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
    return frozenset(
        each["Key"].removeprefix(folder) for page in pages for each in page.get("Contents", [])
    )


def _bucket(place: Place, client: Clients, thing: str) -> str | None:
    names = [str(each["Name"]) for each in client("s3").list_buckets()["Buckets"]]
    return next((name for name in names if name.startswith(place.name(thing))), None)


def main(arguments: list[str] | None = None) -> int:
    """0 when all holds, 1 when something is wrong, 2 when there is no city to look at."""
    parser = argparse.ArgumentParser(prog="python -m infra.check_city", description=__doc__)
    parser.add_argument("--aws", action="store_true", help="look at the account of the AWS profile")
    if parser.parse_args(arguments).aws:
        import boto3

        from infra.app import place_from_environment

        place, client = place_from_environment(), boto3.client
    else:
        from infra.local.city import STATE, live_city
        from infra.local.emulator import client as local

        live = live_city(STATE)
        if live is None:
            print("No city runs here: start one with `make run`, or look at one with --aws.")
            return 2
        place, client = (
            Place("sandbox", "qingdao"),
            lambda service: local(service, live["endpoint"]),
        )
    picture, wrong = check(place, client)
    print("\n".join(tell(picture, wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
