"""Fifty citizens choose at once on the embedded AWS: nobody shares a number, no answer is a 5xx.

The functions run in threads here; what keeps numbers apart is the tables alone.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from threading import Barrier
from typing import Any

import pytest

from chepai.domain.application import Application
from chepai.domain.ledger import Actor
from chepai.edge import blind
from chepai.edge.ids import new_id
from chepai.records import cities
from chepai.records.applications import Applications
from chepai.records.aws import client
from infra.local.emulator import Emulator
from infra.publish import publish
from tests import tables
from tests.small_segments import open_small

CITIZENS = 50
TRIES = 40
CLEAR = {"VR-110", "VR-401", "VR-402", "VR-403", "VR-404", "VR-405"}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tables, keys and queue of one city on an emulator of its own."""
    with (
        pytest.MonkeyPatch.context() as patch,
        Emulator(tmp_path_factory.mktemp("numbers") / "state") as aws,
    ):
        for name, value in {
            "AWS_ENDPOINT_URL": aws.endpoint,
            "AWS_DEFAULT_REGION": aws.region,
            "AWS_ACCESS_KEY_ID": aws.account,
            "AWS_SECRET_ACCESS_KEY": "local",
            "CHEPAI_STAGE": tables.PLACE.stage,
            "CHEPAI_CITY": tables.PLACE.city,
            "POWERTOOLS_SERVICE_NAME": "test",
            "BLIND_KEY_ARN": tables.make_blind_key(aws.client("kms")),
            "DRAWS_KEY_ARN": tables.make_blind_key(aws.client("kms")),
            **tables.table_settings(),
        }.items():
            patch.setenv(name, value)
        _forget()
        queue = client("sqs").create_queue(QueueName=tables.PLACE.name("questions"))
        patch.setenv("QUESTIONS_QUEUE_URL", queue["QueueUrl"])
        tables.make_tables(client("dynamodb"))
        publish(tables.PLACE, aws.client)
        yield
    _forget()


@dataclass(frozen=True)
class Citizen:
    """Somebody whose case waits for a number."""

    person_id: str
    application_id: str

    @classmethod
    def new(cls) -> "Citizen":
        citizen = cls(new_id("per"), new_id("app"))
        Applications.from_env().file(
            Application(
                application_id=citizen.application_id, service="new_car", city="370200",
                profile_version=cities.Cities.from_env().current().version,
                person_id=citizen.person_id, status="awaiting_owner",
                submitted_at="2026-03-02T01:00:00.000Z", plate_kind="02", energy="PETROL",
                payment_id=new_id("pay"), vin=citizen.application_id,
            ),
            actor=Actor(role="citizen", id=citizen.person_id), key="k", fingerprint="f",
        )  # fmt: skip
        return citizen

    def offers(self) -> tuple[int, dict[str, Any]]:
        return self._calls("offer_numbers")

    def chooses(self, number: str) -> tuple[int, dict[str, Any]]:
        return self._calls("choose_number", {"number": number})

    def _calls(self, name: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        claims = {"sub": self.person_id, "exp": "4102444800", "scope": "citizen", "aal": "2"}
        handler = import_module(f"functions.citizen.{name}.handler").handler
        answer = handler(
            {
                "headers": {},
                "pathParameters": {"application_id": self.application_id},
                "queryStringParameters": {},
                "body": json.dumps(body) if body else None,
                "requestContext": {
                    "requestId": "r",
                    "http": {"method": "POST"},
                    "authorizer": {"jwt": {"claims": claims}},
                },
            },
            None,
        )
        return answer["statusCode"], json.loads(answer["body"])


def test_fifty_citizens_on_sixty_numbers(records: None) -> None:
    free = open_small("sixty", range(60))
    everybody = [Citizen.new() for _ in range(CITIZENS)]
    import_module("functions.citizen.offer_numbers.handler")
    import_module("functions.citizen.choose_number.handler")
    start, answers = Barrier(CITIZENS), Counter[str]()

    def one(citizen: Citizen) -> str:
        start.wait(60)
        for _ in range(TRIES):
            status, told = citizen.offers()
            answers[told.get("code", str(status))] += 1
            for number in told.get("numbers", []):
                status, answer = citizen.chooses(number)
                answers[answer.get("code", str(status))] += 1
                if status == 200:
                    return str(answer["number"])
        return ""

    with ThreadPoolExecutor(CITIZENS) as pool:
        held = list(pool.map(one, everybody))
    print(f"answers: {dict(answers)}")
    assert set(answers) <= CLEAR | {"200"}, answers
    chosen = [number for number in held if number]
    assert len(chosen) == len(set(chosen)) == CITIZENS, answers
    assert set(chosen) <= free
    kept = {Applications.from_env().read(each.application_id).number for each in everybody}
    assert kept == set(chosen)


def test_two_devices_see_the_same_draw_and_hold_one_number(records: None) -> None:
    open_small("devices", range(100, 160))
    citizen = Citizen.new()
    start = Barrier(6)

    def offered(_: int) -> tuple[str, ...]:
        start.wait(60)
        for _ in range(TRIES):
            status, told = citizen.offers()
            if status == 200:
                return tuple(told["numbers"])
            assert told["code"] == "VR-110"
        return ()

    with ThreadPoolExecutor(6) as pool:
        draws = set(pool.map(offered, range(6)))
    assert len(draws) == 1
    (numbers,) = draws
    again = Barrier(6)

    def chooses(number: str) -> int:
        again.wait(60)
        return citizen.chooses(number)[0]

    with ThreadPoolExecutor(6) as pool:
        statuses = Counter(pool.map(chooses, numbers[:6]))
    assert set(statuses) <= {200, 402, 409, 410}
    number = Applications.from_env().read(citizen.application_id).number
    found = client("dynamodb").scan(TableName=tables.PLACE.name("numbers"))["Items"]
    mine = [
        row["number"]["S"]
        for row in found
        if row.get("state", {}).get("S") == "reserved"
        and row["application_id"]["S"] == citizen.application_id
    ]
    assert mine == [number]


def _forget() -> None:
    client.cache_clear()
    blind._mac.cache_clear()
    cities._profile.cache_clear()
    cities._current.cache_clear()
    for name in [each for each in sys.modules if each.startswith("functions.")]:
        del sys.modules[name]
