"""Each gap of the emulator is closed, and is still there upstream: if not, its piece can go.

A probe asks an emulator one question. Closed, it answers as AWS does; upstream, otherwise.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from infra.local.emulator import Emulator
from infra.local.gaps import asl_chatter, asl_json_path, asl_parse_cache
from infra.local.machine import Machine


def invoke(aws: Emulator, function: str, **event: Any) -> Any:
    answer = aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())


def outputs(aws: Emulator) -> dict[str, str]:
    stacks = aws.client("cloudformation").describe_stacks(StackName="small-city")["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stacks[0]["Outputs"]}


def run(aws: Emulator, machine: str) -> dict[str, Any]:
    """The ended execution of a machine."""
    machines = aws.client("stepfunctions")
    arn = f"arn:aws:states:{aws.region}:{aws.account}:stateMachine:{machine}"
    execution = machines.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found: dict[str, Any] = machines.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.02)
    raise AssertionError(f"{machine} did not end")


def error_name(aws: Emulator) -> Any:
    return invoke(aws, "raise_it")["errorType"]


def worker_outlives_an_error(aws: Emulator) -> Any:
    before = invoke(aws, "moody")
    invoke(aws, "moody", fail=True)
    return invoke(aws, "moody") == before


def code_before_layers(aws: Emulator) -> Any:
    return invoke(aws, "find_layer")


def environment_is_clean(aws: Emulator) -> Any:
    return "GATEWAY_PORT" not in invoke(aws, "greet")["environment"]


def expiry(aws: Emulator) -> Any:
    told = aws.client("dynamodb").describe_time_to_live(TableName="things")
    return told["TimeToLiveDescription"].get("AttributeName")


def recovery(aws: Emulator) -> Any:
    told = aws.client("dynamodb").describe_continuous_backups(TableName="things")
    settings = told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return settings["PointInTimeRecoveryStatus"]


def object_lock(aws: Emulator) -> Any:
    """What is put can be removed by nobody."""
    storage = aws.client("s3")
    version = storage.put_object(Bucket="evidence", Key="sealed", Body=b"1")["VersionId"]
    try:
        storage.delete_object(
            Bucket="evidence", Key="sealed", VersionId=version, BypassGovernanceRetention=True
        )
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return "gone"


def encryption(aws: Emulator) -> Any:
    told = aws.client("s3").get_bucket_encryption(Bucket="evidence")
    rule = told["ServerSideEncryptionConfiguration"]["Rules"][0]
    return rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]


def secret_ref(aws: Emulator) -> Any:
    arn = aws.client("secretsmanager").describe_secret(SecretId="keys")["ARN"]
    return outputs(aws)["Secret"] == arn


def api_address(aws: Emulator) -> Any:
    return outputs(aws)["Api"].startswith(aws.endpoint + "/_aws/execute-api/")


def unhandled_error(aws: Emulator) -> Any:
    api = aws.client("apigatewayv2").get_apis()["Items"][0]["ApiId"]
    try:
        urllib.request.urlopen(f"{aws.endpoint}/_aws/execute-api/{api}/$default/v1/raise")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())
    raise AssertionError("the function did not fail")


def named_catch(aws: Emulator) -> Any:
    return run(aws, "catch")["status"]


def states_inside_branches(aws: Emulator) -> Any:
    execution = run(aws, "nine")["executionArn"]
    history = aws.client("stepfunctions").get_paginator("get_execution_history")
    events = [
        event for page in history.paginate(executionArn=execution) for event in page["events"]
    ]
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in events
        if "stateEnteredEventDetails" in event
    ]
    return sorted(entered) == sorted(["Nine", *(f"Ask {number}" for number in range(9))])


def nonsense_is_refused(aws: Emulator) -> Any:
    try:
        aws.client("stepfunctions").create_state_machine(
            name="nonsense",
            roleArn=f"arn:aws:iam::{aws.account}:role/anybody",
            definition='{"StartAt": "A", "States": {"A": {"Type": "Nonsense", "End": true}}}',
        )
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return "taken"


def unknown_token(aws: Emulator) -> Any:
    try:
        aws.client("stepfunctions").send_task_success(taskToken="never given out", output="{}")
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return "taken"


INTERNAL = {"message": "Internal Server Error"}


@pytest.mark.parametrize(
    ("probe", "on_aws"),
    [
        (error_name, "CourierUnavailable"),
        (worker_outlives_an_error, True),
        (code_before_layers, True),
        (environment_is_clean, True),
        (expiry, "expires"),
        (recovery, "ENABLED"),
        (object_lock, "AccessDenied"),
        (encryption, "aws:kms"),
        (secret_ref, True),
        (api_address, True),
        (unhandled_error, (500, INTERNAL)),
        (named_catch, "SUCCEEDED"),
        (states_inside_branches, True),
        (nonsense_is_refused, "InvalidDefinition"),
        (unknown_token, "InvalidToken"),
    ],
)
def test_the_gap_is_closed_here_and_open_upstream(
    aws: Emulator, upstream: Emulator, probe: Callable[[Emulator], Any], on_aws: Any
) -> None:
    assert probe(aws) == on_aws
    assert probe(upstream) != on_aws, "closed upstream: remove our piece"


DATA: dict[str, Any] = {"a": [{"b": 1, "c": [1, 2]}, {"b": 2, "c": []}], "empty": [], "one": [[5]]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.a[0].b", 1),
        ("$.a[0].c", [1, 2]),
        ("$.a[1].c", []),
        ("$.a[0]", DATA["a"][0]),
        ("$.one[0]", [5]),
        ("$.one[0][0]", 5),
        ("$.a[*].b", [1, 2]),
        ("$.a[0:1].b", [1]),
        ("$..b", [1, 2]),
        ("$.a[?(@.b == 2)].b", [2]),
        ("$.empty[*]", []),
        ("$.empty", []),
        ("$['a'][0]['b']", 1),
    ],
)
def test_a_definite_path_yields_the_value(path: str, value: Any) -> None:
    assert asl_json_path.extract(path, DATA) == value


def test_upstream_still_wraps_a_definite_path() -> None:
    assert asl_json_path.UPSTREAM("$.a[0].b", DATA) == [1]


def test_one_parse_serves_all_executions() -> None:
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    assert asl_parse_cache.parse_once(definition) is asl_parse_cache.parse_once(definition)
    assert asl_parse_cache.UPSTREAM(definition) is not asl_parse_cache.UPSTREAM(definition)


def test_a_shared_parse_counts_retries_for_each_execution_anew() -> None:
    calls: list[int] = []

    def flaky(event: Any, context: Any) -> None:
        calls.append(1)
        if len(calls) % 3:
            raise TimeoutError

    retry = [{"ErrorEquals": ["TimeoutError"], "MaxAttempts": 2}]
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "flaky"},
        "Retry": retry,
        "End": True,
    }
    machine = Machine({"StartAt": "Try", "States": {"Try": state}}, {"flaky": flaky})
    assert [machine.run({}).status for _ in range(3)] == ["SUCCEEDED"] * 3


def test_the_engine_no_longer_prints_the_whole_definition() -> None:
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    program = asl_parse_cache.parse_once(definition)[0]
    assert len(str(program)) < 40 < len(cast("Any", asl_chatter.UPSTREAM_STR)(program))
