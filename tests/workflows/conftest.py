"""A city's records in a simulated AWS, and an office that each test gets afresh."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chepai.edge import blind
from chepai.records import cities
from chepai.records.aws import client
from chepai.records.cities import Cities
from infra.profile_check import publishable
from tests import tables
from tests.workflows.office import Office, queue_url

QINGDAO = Path(__file__).parents[2] / "cities" / "qingdao.toml"
SETTINGS = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "CHEPAI_STAGE": "sandbox",
    "CHEPAI_CITY": "qingdao",
    "POWERTOOLS_SERVICE_NAME": "test",
    "NEW_CAR_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:new_car",
    **tables.table_settings(),
}


@pytest.fixture(scope="module")
def city() -> Iterator[None]:
    """Keys and the queue, and our functions told where everything is."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        _forget()
        queue = client("sqs").create_queue(QueueName=tables.PLACE.name("questions"))
        patch.setenv("QUESTIONS_QUEUE_URL", queue["QueueUrl"])
        client("sqs").delete_queue(QueueUrl=queue["QueueUrl"])
        patch.setenv("BLIND_KEY_ARN", tables.make_blind_key(client("kms")))
        patch.setenv("DRAWS_KEY_ARN", tables.make_blind_key(client("kms")))
        patch.setenv("PEOPLE_KEY_ARN", tables.make_people_key(client("kms")))
        yield
    _forget()


@pytest.fixture
def profile(city: None) -> dict[str, Any]:
    """Qingdao's profile, but nobody is drawn for a review; a test may change more."""
    body = publishable(QINGDAO)
    body["newcar"]["auto_review"]["sample_basis_points"] = 0
    return body


@pytest.fixture
def open_office(city: None, profile: dict[str, Any]) -> Iterator[Callable[..., Office]]:
    """Opens offices of one city; what must always hold is asked of each at the end."""
    client.cache_clear()
    tables.make_tables(client("dynamodb"))
    client("sqs").create_queue(QueueName=tables.PLACE.name("questions"))
    opened: list[Office] = []

    def open_one(**how: Any) -> Office:
        cities._profile.cache_clear()
        cities._current.cache_clear()
        Cities.from_env().publish("qingdao", profile["version"], profile)
        opened.append(Office(**how))
        return opened[-1]

    yield open_one
    try:
        for office in opened:
            office.settle()
            office.must_hold()
    finally:
        tables.drop_tables(client("dynamodb"))
        client("sqs").delete_queue(QueueUrl=queue_url())


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    """An office with everything right, unless the test says what differs."""
    return open_office()


def _forget() -> None:
    client.cache_clear()
    blind._mac.cache_clear()
    cities._profile.cache_clear()
    cities._current.cache_clear()
    for name in [each for each in sys.modules if each.startswith("functions.")]:
        del sys.modules[name]
