"""What a function calls is noted by name, and read as the rights that the calls need."""

import json
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

from infra.access import Access
from infra.local import recorder
from infra.local.rights import unexercised, used
from infra.local.rights.matrix import Right

ROOT = Path(__file__).parents[2]
PREFIX = "chepai-sandbox-qingdao-"
MACHINE = f"arn:aws:states:us-east-1:000000000000:stateMachine:{PREFIX}new_car"
KEYS = {"arn:aws:kms:us-east-1:000000000000:key/1": "key/people"}


def needs(service: str, operation: str, **asked: Any) -> set[str]:
    call = {"service": service, "operation": operation, "on": recorder.resources(asked)}
    return {str(right) for right in used.rights(call, PREFIX, KEYS)}


@pytest.mark.parametrize(
    ("service", "operation", "asked", "rights"),
    [
        (
            "dynamodb",
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": f"{PREFIX}ledger"}},
                    {"ConditionCheck": {"TableName": f"{PREFIX}people"}},
                ]
            },
            {"dynamodb:PutItem on table/ledger", "dynamodb:ConditionCheckItem on table/people"},
        ),
        (
            "dynamodb",
            "Query",
            {"TableName": f"{PREFIX}facts", "IndexName": "by_buyer"},
            {"dynamodb:Query on table/facts/index/by_buyer"},
        ),
        (
            "dynamodb",
            "BatchGetItem",
            {"RequestItems": {f"{PREFIX}waits": {}}},
            {"dynamodb:BatchGetItem on table/waits"},
        ),
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": f"https://sqs.example/0/{PREFIX}questions"},
            {"sqs:SendMessage on queue/questions"},
        ),
        ("kms", "Decrypt", {"KeyId": next(iter(KEYS))}, {"kms:Decrypt on key/people"}),
        (
            "states",
            "SendTaskSuccess",
            {"taskToken": urlsafe_b64encode(MACHINE.encode()).decode() + ".1", "output": "{}"},
            {"states:SendTaskSuccess on machine/new_car"},
        ),
        (
            "states",
            "DescribeExecution",
            {"executionArn": MACHINE.replace("stateMachine", "execution") + ":app_1"},
            {"states:DescribeExecution on execution/new_car"},
        ),
        (
            "s3",
            "PutObject",
            {"Bucket": f"{PREFIX}seals-000000000000", "Key": "x"},
            {
                "s3:PutObject on bucket/seals/*",
                "kms:GenerateDataKey on key/evidence (kms:ViaService)",
            },
        ),
    ],
)
def test_a_call_is_read_as_the_rights_it_needs(
    service: str, operation: str, asked: dict[str, Any], rights: set[str]
) -> None:
    assert needs(service, operation, **asked) == rights


def test_no_value_is_noted() -> None:
    noted = recorder.resources(
        {"TableName": "people", "Key": {"person_id": {"S": "per_1"}}, "Item": {"name": {"S": "x"}}}
    )
    assert noted == [{"TableName": "people"}]


def test_what_was_used_is_held_against_what_is_granted(tmp_path: Path) -> None:
    lines = [
        {
            "function": "f",
            "service": "dynamodb",
            "operation": "GetItem",
            "on": [{"TableName": "a"}],
        },
        {"function": "f", "service": "dynamodb", "operation": "Scan", "on": [{"TableName": "a"}]},
        {"function": "", "service": "dynamodb", "operation": "Scan", "on": [{"TableName": "b"}]},
    ]
    file = tmp_path / "calls"
    file.write_text("\n".join(map(json.dumps, lines)))
    record = used.read(file, "", {})
    found = used.compare(record, {"f": Access(tables={"a": "GetItem PutItem"})})
    assert record.calls == 2
    assert found.beyond == {"f": {Right("dynamodb:Scan", "table/a")}}
    assert found.unused == {"f": {Right("dynamodb:PutItem", "table/a")}}
    assert (found.granted, found.exercised) == (2, 1)


def test_every_excuse_names_a_test_that_is_there() -> None:
    excuses = [
        *unexercised.OF_WAITING_STEPS.values(),
        *unexercised.OF_FUNCTIONS.values(),
        unexercised.REMINDS,
        unexercised.ARCHIVES,
        unexercised.PLAYS_A_PARTNER,
    ]
    for excuse in excuses:
        assert (ROOT / excuse.exercise).is_file(), excuse
        assert len(excuse.why) > 10
