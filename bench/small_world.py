"""As much of a city as the measured functions look at: its tables, one citizen, some cars."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chepai.domain.application import Application
from chepai.domain.facts import FactKind, Said, about_vin
from chepai.domain.life_cycle import Status
from chepai.domain.vin import check_digit
from chepai.edge.ids import derived_id
from chepai.records.applications import Applications, stamp
from chepai.records.aws import client
from chepai.records.cities import Cities
from chepai.records.facts import Facts
from chepai.records.people import People
from infra import rights
from infra.access import of_group
from infra.place import Place
from infra.profile_check import CITIES, publishable
from infra.stacks.records import TABLES

PLACE = Place("sandbox", "qingdao")
PERSON, BLIND = derived_id("per", "bench"), "b1" * 32
_ROLE = "arn:aws:iam::123456789012:role/bench"


@dataclass(frozen=True)
class Resources:
    """What AWS named itself when the world was made."""

    queue_url: str
    machine_arn: str
    profile_version: str

    def settings(self, group: str, name: str) -> dict[str, str]:
        """The environment of one function, as its access entry gives it."""
        found: dict[str, Callable[[str], str]] = {
            "table": PLACE.name,
            "queue": lambda _: self.queue_url,
            "machine": lambda _: self.machine_arn,
        }
        access = of_group(group)[name]
        named = rights.settings(access).items()
        return {
            "CHEPAI_STAGE": PLACE.stage,
            "CHEPAI_CITY": PLACE.city,
            "POWERTOOLS_SERVICE_NAME": name,
            **{variable: found[kind](thing) for variable, (kind, thing) in named},
            **access.environment,
        }


def make() -> Resources:
    """Tables, queue and machine; the city's profile; the citizen."""
    for name, table in TABLES.items():
        _make_table(name, table)
    queue = client("sqs").create_queue(QueueName=PLACE.name("questions"))["QueueUrl"]
    idle = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
    machine = client("stepfunctions").create_state_machine(
        name=PLACE.name("new_car"), definition=json.dumps(idle), roleArn=_ROLE
    )["stateMachineArn"]
    profile = publishable(CITIES / f"{PLACE.city}.toml")
    Cities(PLACE.name("cities")).publish(PLACE.city, str(profile["version"]), profile)
    People(PLACE.name("people")).update({"person_id": PERSON}, sets={"blind_id": BLIND, "kept": 1})
    return Resources(queue, machine, str(profile["version"]))


def _make_table(name: str, table: Any) -> None:
    keys = [(table.key, "HASH"), *([(table.sort, "RANGE")] if table.sort else [])]
    named = {n for n, _ in keys} | {n for pair in table.indexes.values() for n in pair if n}
    more: dict[str, Any] = {}
    if table.indexes:
        more["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index,
                "KeySchema": _key_schema(zip(filter(None, pair), ("HASH", "RANGE"), strict=False)),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for index, pair in table.indexes.items()
        ]
    client("dynamodb").create_table(
        TableName=PLACE.name(name),
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_key_schema(keys),
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "N" if each in table.numbers else "S"}
            for each in sorted(named)
        ],
        **more,
    )


def _key_schema(keys: Any) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys]


def vin(nth: int) -> str:
    """The nth valid VIN of a maker that does not exist."""
    body = f"LSBAAAAA0TA{nth:06d}"
    return body[:8] + check_digit(body) + body[9:]


def invoice(nth: int) -> str:
    """A car that was invoiced to the citizen; its VIN."""
    car = vin(nth)
    _tell(car, FactKind.INVOICE, {"vin": car, "buyer_blind": BLIND, "status": "NORMAL"})
    return car


def filed_case(profile_version: str) -> Application:
    """A case whose purchase tax is known: a check of it finds everything."""
    car = invoice(999_999)
    _tell(car, FactKind.IDENTITY, {"result": "MATCH", "id_blind": BLIND}, f"person#{PERSON}")
    paid_on = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    settled: dict[str, Said] = {
        "vin": car,
        "status": "PAID",
        "amount_fen": 1_148_672,
        "paid_on": paid_on,
    }
    _tell(car, FactKind.PURCHASE_TAX, settled | {"taxpayer_blind": BLIND})
    case = Application(
        application_id=derived_id("app", "bench"),
        service="new_car",
        city=PLACE.city,
        profile_version=profile_version,
        person_id=PERSON,
        status=Status.VERIFYING.value,
        submitted_at=stamp(datetime.now(UTC)),
        vin=car,
        version=1,
    )
    Applications(PLACE.name("applications")).put(
        case.row(), when="attribute_not_exists(application_id)"
    )
    return case


def _tell(car: str, kind: FactKind, says: dict[str, Said], subject: str = "") -> None:
    at = datetime.now(UTC)
    Facts(PLACE.name("facts")).append(
        subject or about_vin(car),
        kind,
        says,
        occurred_at=at,
        received_at=at,
        partner="bench",
        message_id=f"{kind.value}-{car}",
        kid="k1",
        digest="d1" * 32,
    )
