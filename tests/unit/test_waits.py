"""Parked tokens: what is forgotten is the token that was answered, never its successor."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from moto import mock_aws

from chepai.domain.facts import FactKind
from chepai.edge.clock import now
from chepai.records.aws import client
from chepai.records.waits import Wait, Waits
from tests import tables

FIRST = Wait(
    subject="application#app_1",
    kind=FactKind.PLATES,
    application_id="app_1",
    run=1,
    step="make_plates_and_papers",
    token="first",
)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Waits]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name, value in tables.table_settings().items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client.cache_clear()
        tables.make_tables(client("dynamodb"))
        yield Waits.from_env()
    client.cache_clear()


def test_a_token_parked_anew_outlives_the_answer_to_the_one_before(waits: Waits) -> None:
    """What failed is made again by the same state: it may park before its waker has tidied up."""
    waits.park(FIRST, now=now(), kept=timedelta(days=1))
    second = replace(FIRST, token="second")
    waits.park(second, now=now(), kept=timedelta(days=1))
    waits.forget(FIRST)
    assert [each.token for each in waits.waiting(FIRST.subject, FIRST.kind)] == ["second"]
    waits.forget(second)
    waits.forget(second)
    assert waits.waiting(FIRST.subject, FIRST.kind) == []
