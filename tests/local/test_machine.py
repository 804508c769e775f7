"""The in-process state machine behaves as AWS does, where our workflows lean on it."""

import json
from typing import Any

import boto3
import pytest

from infra.local.engine import NotADefinition, TokenClosed, TokenUnknown
from infra.local.machine import Machine, StillWaiting


def task(function: str, *, token: bool = False, **more: Any) -> dict[str, Any]:
    resource = "arn:aws:states:::lambda:invoke" + (".waitForTaskToken" if token else "")
    payload = {"application_id.$": "$.application_id"}
    if token:
        payload["token.$"] = "$$.Task.Token"
    return {
        "Type": "Task",
        "Resource": resource,
        "Parameters": {"FunctionName": function, "Payload": payload},
        "ResultPath": "$.answer",
        **more,
    }


def machine(states: dict[str, Any], start: str) -> dict[str, Any]:
    return {"StartAt": start, "States": states}


ONE_TOKEN = machine(
    {
        "Wait for the fee": task(
            "ask_fee",
            token=True,
            TimeoutSeconds=259200,
            Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Expired"}],
            Next="Paid",
        ),
        "Paid": {"Type": "Succeed"},
        "Expired": {"Type": "Succeed"},
    },
    "Wait for the fee",
)


def test_a_machine_walks_to_its_end() -> None:
    definition = machine(
        {
            "Weigh": task("weigh", ResultSelector={"outcome.$": "$.Payload.outcome"}, Next="Good?"),
            "Good?": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.answer.outcome", "StringEquals": "verified", "Next": "Yes"}
                ],
                "Default": "No",
            },
            "Yes": {"Type": "Succeed"},
            "No": {"Type": "Succeed"},
        },
        "Weigh",
    )
    walk = Machine(definition, {"weigh": lambda event, context: {"outcome": "verified"}}).run(
        {"application_id": "app_1"}
    )
    assert walk.path == ("Weigh", "Good?", "Yes")
    assert walk.status == "SUCCEEDED"
    assert walk.output["answer"] == {"outcome": "verified"}


@pytest.mark.parametrize(
    "name",
    [
        "weigh_it",
        "${weigh_it}",
        "arn:aws:lambda:cn-north-1:000000000000:function:chepai-sandbox-qingdao-weigh_it",
        "chepai-sandbox-qingdao-weigh-it",
    ],
)
def test_a_task_finds_its_function_by_folder_name(name: str) -> None:
    asked = Machine(
        machine({"Weigh": task(name, End=True)}, "Weigh"),
        {"weigh_it": lambda event, context: {}, "it": lambda event, context: {}},
    )
    asked.run({"application_id": "app_1"})
    assert asked.calls == [("weigh_it", {"application_id": "app_1"})]


def test_an_answer_before_the_function_returns_counts() -> None:
    def ask_fee(event: Any, context: Any) -> None:
        paying.send_task_success(taskToken=event["token"], output='{"paid": true}')

    paying = Machine(ONE_TOKEN, {"ask_fee": ask_fee})
    walk = paying.run({"application_id": "app_1"})
    assert walk.path[-1] == "Paid"
    assert walk.output["answer"] == {"paid": True}


def test_a_test_answers_later_and_only_once() -> None:
    paying = Machine(ONE_TOKEN, {"ask_fee": lambda event, context: None})
    run = paying.start({"application_id": "app_1"})
    parked = run.until("Wait for the fee")
    assert parked.timeout_seconds == 259200
    run.answer("Wait for the fee", {})
    assert run.end().path[-1] == "Paid"
    with pytest.raises(TokenClosed):
        paying.send_task_success(taskToken=parked.token)
    with pytest.raises(TokenUnknown):
        paying.send_task_success(taskToken="never given out")


def test_a_deadline_passes_when_the_test_says_so() -> None:
    paying = Machine(ONE_TOKEN, {"ask_fee": lambda event, context: None})
    run = paying.start({"application_id": "app_1"})
    token = run.until("Wait for the fee").token
    run.time_out("Wait for the fee")
    assert run.end().path[-1] == "Expired"
    with pytest.raises(TokenClosed):
        paying.send_task_success(taskToken=token)


def test_a_function_that_throws_in_a_token_state_fails_it_by_its_class() -> None:
    class CourierUnavailable(Exception):
        pass

    def ask_fee(event: Any, context: Any) -> None:
        raise CourierUnavailable("no van")

    walk = Machine(ONE_TOKEN, {"ask_fee": ask_fee}).run({"application_id": "app_1"})
    assert (walk.status, walk.error) == ("FAILED", "CourierUnavailable")
    assert json.loads(walk.cause or "")["errorMessage"] == "no van"


def test_retries_take_no_time_and_get_a_new_token_each() -> None:
    tokens: list[str] = []

    def ask_fee(event: Any, context: Any) -> None:
        tokens.append(event["token"])
        if len(tokens) < 3:
            paying.send_task_failure(taskToken=event["token"], error="Busy")
        else:
            paying.send_task_success(taskToken=event["token"], output="{}")

    retry = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 600, "MaxAttempts": 3}]
    paying = Machine(
        machine({"Ask": task("ask_fee", token=True, Retry=retry, End=True)}, "Ask"),
        {"ask_fee": ask_fee},
    )
    assert paying.run({"application_id": "app_1"}).status == "SUCCEEDED"
    assert len(set(tokens)) == 3


def test_a_wait_takes_no_time() -> None:
    definition = machine({"Sleep": {"Type": "Wait", "Seconds": 86400, "End": True}}, "Sleep")
    assert Machine(definition, {}).run({}, patience=5).status == "SUCCEEDED"


def branches(*states: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "Verify": {
            "Type": "Parallel",
            "Branches": [{"StartAt": name, "States": {name: state}} for name, state in states],
            "Catch": [
                {"ErrorEquals": ["Withdrawn"], "Next": "Undo"},
                {"ErrorEquals": ["States.Timeout"], "Next": "Late"},
            ],
            "Next": "Done",
        },
        "Undo": {"Type": "Succeed"},
        "Late": {"Type": "Succeed"},
        "Done": {"Type": "Succeed"},
    }


TWO_FACTS = machine(
    branches(
        ("Check the tax", task("ask", token=True, End=True)),
        ("Check the invoice", task("ask", token=True, End=True)),
    ),
    "Verify",
)


def test_a_failing_branch_ends_its_siblings_at_once() -> None:
    asking = Machine(TWO_FACTS, {"ask": lambda event, context: None})
    run = asking.start({"application_id": "app_1"})
    left_over = run.until("Check the invoice").token
    run.fail("Check the tax", "Withdrawn")
    walk = run.end()
    assert walk.trunk == ("Verify", "Undo")
    with pytest.raises(TokenClosed):
        asking.send_task_success(taskToken=left_over)
    assert run.parked() == ()
    assert not [event for event in walk.events if event["type"] == "TaskTimedOut"]


def test_a_branch_that_times_out_fails_the_parallel_by_that_name() -> None:
    asking = Machine(TWO_FACTS, {"ask": lambda event, context: None})
    run = asking.start({"application_id": "app_1"})
    run.time_out("Check the tax")
    assert run.end().trunk == ("Verify", "Late")


def test_a_choice_that_matches_nothing_says_so() -> None:
    definition = machine(
        {
            "Which?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.word", "StringEquals": "yes", "Next": "Yes"}],
            },
            "Yes": {"Type": "Succeed"},
        },
        "Which?",
    )
    assert Machine(definition, {}).run({"word": "no"}).error == "States.NoChoiceMatched"


def test_a_boto3_client_can_answer_the_machine() -> None:
    client = boto3.client(
        "stepfunctions",
        region_name="cn-north-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    paying = Machine(ONE_TOKEN, {"ask_fee": lambda event, context: None})
    paying.wire(client)
    run = paying.start({"application_id": "app_1"})
    token = run.until("Wait for the fee").token
    client.send_task_success(taskToken=token, output="{}")
    assert run.end().path[-1] == "Paid"
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_success(taskToken=token, output="{}")
    with pytest.raises(client.exceptions.InvalidToken):
        client.send_task_failure(taskToken="never given out", error="Late")


def test_waiting_for_nothing_is_told_with_the_place() -> None:
    paying = Machine(ONE_TOKEN, {"ask_fee": lambda event, context: None})
    with pytest.raises(StillWaiting, match="waiting at 'Wait for the fee'"):
        paying.run({"application_id": "app_1"}, patience=0.3)


def test_a_broken_definition_is_refused() -> None:
    with pytest.raises(NotADefinition):
        Machine({"StartAt": "A", "States": {"A": {"Type": "Nonsense"}}}, {})


def test_a_catcher_may_lead_back_to_its_own_state() -> None:
    again = machine(
        {
            "Make the plates": task(
                "make_plates",
                Catch=[
                    {"ErrorEquals": ["Spoilt"], "ResultPath": "$.error", "Next": "Make the plates"}
                ],
                Next="Made",
            ),
            "Made": {"Type": "Succeed"},
        },
        "Make the plates",
    )
    left = [Spoilt, Spoilt]

    def make(_event: Any, _context: Any) -> dict[str, str]:
        if left:
            raise left.pop()
        return {"outcome": "made"}

    walk = Machine(again, {"make_plates": make}).run({"application_id": "app_1"})
    assert walk.trunk == ("Make the plates",) * 3 + ("Made",)


class Spoilt(Exception):
    """The blank is spoilt."""
