"""Publishing a profile: once, with its entry in the ledger, and under one name one content."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from chepai.domain.ledger import first_broken, whole
from chepai.records.table import unpack
from infra.place import Place
from infra.profile_check import CITIES, publishable
from infra.publish import publish
from tests.tables import make_tables

PLACE = Place("sandbox", "qingdao")
Client = Callable[[str], Any]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():

        def made(service: str) -> Any:
            return boto3.client(service, region_name="us-east-1")

        make_tables(made("dynamodb"))
        yield made


def chain(client: Client) -> list[dict[str, Any]]:
    found = client("dynamodb").scan(TableName=PLACE.name("ledger"))["Items"]
    return sorted((whole(unpack(item)) for item in found), key=lambda each: int(each["seq"]))


def test_what_was_and_what_is_now_is_entered_once(client):
    body = publishable(CITIES / "qingdao.toml")
    newer = body | {"version": "qingdao-2026.2"}
    for each in (body, body, newer, newer):
        publish(PLACE, client, each)
    entries = chain(client)
    assert [each["act"] for each in entries] == ["profile_published"] * 2
    assert [each["from"].get("version") for each in entries] == [None, body["version"]]
    assert [each["to"]["version"] for each in entries] == [body["version"], "qingdao-2026.2"]
    assert {each["chain"] for each in entries} == {"city#qingdao"}
    assert first_broken(entries) is None


def test_a_version_with_another_content_is_refused_and_not_entered(client):
    body = publishable(CITIES / "qingdao.toml")
    publish(PLACE, client, body)
    publish(PLACE, client, body | {"version": "qingdao-2026.2"})
    with pytest.raises(ClientError):
        publish(PLACE, client, body | {"valid_from": "2027-01-01"})
    assert len(chain(client)) == 2
