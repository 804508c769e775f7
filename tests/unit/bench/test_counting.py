"""The figures that `make bench` prints are counted by these rules."""

import json
from typing import TypeAlias

import pytest

from bench.counting import _units
from bench.measure import KEPT, MISSED, NOT_STRETCHED, STRETCHED, TOLD, Measure, table

Answered: TypeAlias = tuple[int, dict[str, str], str]


def item(size):
    return {"k": {"S": "x" * (size - 1)}}


@pytest.mark.parametrize(
    ("asked", "answered", "units"),
    [
        ({"ConsistentRead": True}, {"Item": item(100)}, 1.0),
        ({"ConsistentRead": True}, {"Item": item(4096)}, 1.0),
        ({"ConsistentRead": True}, {"Item": item(4097)}, 2.0),
        ({}, {"Item": item(4097)}, 1.0),
        ({}, {}, 0.5),
    ],
)
def test_a_read_costs_by_size_and_consistency(asked, answered, units):
    answer: Answered = (200, {}, json.dumps(answered))
    assert _units("GetItem", {"TableName": "t", **asked}, answer)["reads"] == units


def test_a_query_is_rounded_up_once():
    answer: Answered = (200, {}, json.dumps({"Items": [item(1000)] * 5}))
    assert _units("Query", {"TableName": "t", "ConsistentRead": True}, answer)["reads"] == 2.0


def test_a_batch_is_rounded_up_row_by_row_and_missing_rows_cost_too():
    wanted = {"t": {"Keys": [{}, {}, {}], "ConsistentRead": True}}
    answer: Answered = (200, {}, json.dumps({"Responses": {"t": [item(10), item(5000)]}}))
    assert _units("BatchGetItem", {"RequestItems": wanted}, answer)["reads"] == 4.0


def test_a_condition_that_does_not_hold_is_paid_for():
    puts = [{"Put": {"TableName": "t"}}, {"Put": {"TableName": "u"}}]
    refused: Answered = (400, {}, "{}")
    assert _units("TransactWriteItems", {"TransactItems": puts}, refused)["writes"] == 4.0
    assert _units("PutItem", {"TableName": "t"}, refused)["writes"] == 1.0


@pytest.mark.parametrize(
    ("value", "budget", "stretch", "verdict"),
    [
        (3, 2, 1, MISSED),
        (2, 2, 1, KEPT),
        (1, 2, 1, STRETCHED),
        (1, None, None, TOLD),
        (2, None, 1, NOT_STRETCHED),
    ],
)
def test_the_verdict_follows_from_budget_and_stretch(value, budget, stretch, verdict):
    measure = Measure("what", value, "", budget, stretch)
    assert measure.verdict == verdict
    assert verdict in table([measure])
