"""Cases as the supervision centre meets them: filed, weighed, decided, and sealed in the ledger."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chepai.domain.facts import FactKind
from chepai.domain.ledger import Actor, evidence_of
from chepai.domain.tracing import threads

OWNERS = [f"per_{n:026d}" for n in range(4)]
WEIGHS = Actor("system", "weigh")


def seal() -> None:
    """What the sealer does with every entry: keep the threads that lead to it."""
    from chepai.records.aws import client
    from chepai.records.ledger import Ledger
    from chepai.records.table import unpack
    from chepai.records.traces import Traces

    pages = client("dynamodb").get_paginator("scan").paginate(TableName=Ledger.from_env().name)
    rows = [unpack(item) for page in pages for item in page["Items"]]
    Traces.from_env().keep(each.row() for row in rows for each in threads(row))


def sealed_until(moment: datetime, root: str = "ab" * 32) -> None:
    """The head of the log, as the sealer leaves it."""
    from chepai.records.applications import stamp
    from chepai.records.seals import Seals

    head = {
        "size": 9, "root": root, "alg": "sha-256", "began": "x", "sealed_at": stamp(moment),
    }  # fmt: skip
    Seals.from_env().update({"place": "log#head"}, sets=head)


def filed(
    n: int,
    *,
    at: str = "2026-11-24T00:00:00.000Z",
    service: str = "new_car",
    version: str = "qingdao-2026.1",
    owner: str = "",
    vin: str = "",
    actor: Actor | None = None,
) -> Any:
    """An application of one of several owners, as it was filed."""
    from chepai.domain.application import Application
    from chepai.records.applications import Applications

    owner = owner or OWNERS[n % len(OWNERS)]
    case = Application(
        application_id=f"app_{n:026d}", service=service, city="qingdao", profile_version=version,
        person_id=owner, status="verifying", submitted_at=at, vin=vin or f"LSVAA4182E21{n:05d}",
    )  # fmt: skip
    who = actor or Actor("citizen", owner)
    return Applications.from_env().file(case, actor=who, key=f"k{n}", fingerprint="f")


def changed(case: Any, act: str, **more: Any) -> Any:
    """A further entry of a case, by its machine unless told otherwise."""
    from chepai.records.applications import Applications

    known: dict[str, Any] = {"actor": WEIGHS, "at": datetime.now(UTC)} | more
    return Applications.from_env().change(case, act=act, **known)


def weighed(n: int, *, model: str, **more: Any) -> str:
    """An application that rests on the newest announcement of its model."""
    from chepai.records.facts import Facts

    fact = Facts.from_env().newest(f"model#{model}", FactKind.ANNOUNCEMENT)
    assert fact
    made = changed(filed(n, **more), "weighed", evidence=[evidence_of(fact)])
    return str(made.application_id)


def announced(model: str, digest: str, *, ago: int = 60) -> None:
    from chepai.records.facts import Facts

    at = datetime.now(UTC) - timedelta(seconds=ago)
    Facts.from_env().append(
        f"model#{model}", FactKind.ANNOUNCEMENT, {"model": model, "status": "LISTED"},
        occurred_at=at, received_at=at, partner="miit", message_id=f"{model}-{digest[:2]}",
        kid="k1", digest=digest,
    )  # fmt: skip
