"""Tables and keys in a simulated AWS: no network, nothing shared between tests."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from chepai.records.aws import client
from tests import tables


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    for name, value in tables.table_settings().items():
        monkeypatch.setenv(name, value)
    client.cache_clear()
    with mock_aws():
        tables.make_tables(client("dynamodb"))
        monkeypatch.setenv("PEOPLE_KEY_ARN", tables.make_people_key(client("kms")))
        yield
    client.cache_clear()
