"""Functions, machines and state of the embedded AWS behave as the city needs it."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.deploy import DeployFailed, deploy
from infra.local.emulator import Emulator
from tests.local import small_city
from tests.local.test_gaps import invoke, run


def until(true: Callable[[], Any], seconds: float = 6) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came true")


def start(aws: Emulator, machine: str) -> str:
    arn = f"arn:aws:states:{aws.region}:{aws.account}:stateMachine:{machine}"
    started = aws.client("stepfunctions").start_execution(stateMachineArn=arn, input="{}")
    return str(started["executionArn"])


def status(aws: Emulator, execution: str) -> str:
    found = aws.client("stepfunctions").describe_execution(executionArn=execution)
    return str(found["status"])


def token_of(aws: Emulator, execution: str) -> str:
    history = aws.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    scheduled = next(event for event in history if event["type"] == "TaskScheduled")
    parameters = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])
    return str(parameters["Payload"]["token"])


def test_a_function_sees_its_own_settings(aws: Emulator) -> None:
    seen = invoke(aws, "greet", name="Li")
    assert seen["hello"] == "Li"
    assert seen["environment"]["THINGS_TABLE"] == "things"
    assert seen["environment"]["AWS_ENDPOINT_URL"] == aws.endpoint
    assert seen["function"] == "greet"
    assert 0 < seen["left"] <= 10_000


def test_what_a_function_prints_is_in_its_log(aws: Emulator) -> None:
    invoke(aws, "greet", name="the log")
    logs = aws.client("logs")
    events = logs.filter_log_events(logGroupName="/aws/lambda/greet")["events"]
    assert any("greeting the log" in event["message"] for event in events)


@pytest.mark.parametrize(
    ("function", "event", "error"),
    [
        ("sleep", {"seconds": 30}, "Sandbox.Timedout"),
        ("vanish", {}, "Runtime.ExitError"),
        ("misspelt", {}, "Runtime.ImportModuleError"),
    ],
)
def test_a_function_that_dies_says_how(
    aws: Emulator, function: str, event: dict[str, Any], error: str
) -> None:
    assert invoke(aws, function, **event)["errorType"] == error


def test_a_function_works_again_after_a_time_out(aws: Emulator) -> None:
    invoke(aws, "sleep", seconds=30)
    assert invoke(aws, "sleep", seconds=0) == {}


def test_calls_wait_for_one_of_two_workers(aws: Emulator) -> None:
    with ThreadPoolExecutor(20) as crowd:
        workers = list(crowd.map(lambda _: invoke(aws, "busy"), range(20)))
    assert all(isinstance(worker, int) for worker in workers)
    assert 1 <= len(set(workers)) <= 2


def test_nine_token_tasks_in_parallel_all_get_their_answer(aws: Emulator) -> None:
    ended = run(aws, "nine")
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"]) == [{"paid": True}] * 9


def test_a_token_is_answered_once(aws: Emulator) -> None:
    machines = aws.client("stepfunctions")
    execution = start(aws, "park")
    token = until(lambda: _token_or_none(aws, execution))
    machines.send_task_success(taskToken=token, output='{"answered": 1}')
    until(lambda: status(aws, execution) == "SUCCEEDED")
    with pytest.raises(machines.exceptions.TaskTimedOut):
        machines.send_task_success(taskToken=token, output="{}")


def _token_or_none(aws: Emulator, execution: str) -> str | None:
    try:
        return token_of(aws, execution)
    except StopIteration:
        return None


def test_a_stopped_execution_ends_and_closes_its_tokens(aws: Emulator) -> None:
    machines = aws.client("stepfunctions")
    execution = start(aws, "park")
    token = until(lambda: _token_or_none(aws, execution))
    machines.stop_execution(executionArn=execution, error="Withdrawn")
    assert status(aws, execution) == "ABORTED"
    with pytest.raises(machines.exceptions.TaskTimedOut):
        machines.send_task_success(taskToken=token, output="{}")


def test_state_survives_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "state"
    first = Emulator(state).start()
    deploy(small_city.write(tmp_path / "cdk.out"), first.client)
    invoke(first, "count")
    execution = start(first, "park")
    first.save()
    first.kill()
    with Emulator(state, port=first.port) as second:
        assert second.client("dynamodb").scan(TableName="things")["Count"] == 1
        found = second.client("stepfunctions").describe_execution(executionArn=execution)
        assert (found["status"], found["error"]) == ("FAILED", "States.ServiceRestart")
        assert invoke(second, "greet", name="again")["hello"] == "again"


def _hear(aws: Emulator, fact: str) -> None:
    """Write a fact and wait till its stream's function has heard of it."""
    dynamodb = aws.client("dynamodb")
    dynamodb.put_item(TableName="facts", Item={"fact": {"S": fact}})
    heard = {"thing": {"S": f"heard {fact}"}}
    until(lambda: dynamodb.get_item(TableName="things", Key=heard).get("Item"))


def test_a_stream_is_heard_after_a_restart(tmp_path: Path) -> None:
    first = Emulator(tmp_path / "state").start()
    deploy(small_city.write(tmp_path / "cdk.out"), first.client)
    for number in range(3):
        _hear(first, f"before {number}")
    first.stop()
    with Emulator(tmp_path / "state", port=first.port) as second:
        _hear(second, "after")


def test_upstream_a_stream_is_deaf_after_a_restart(tmp_path: Path) -> None:
    first = Emulator(tmp_path / "state", close_gaps=False).start()
    deploy(small_city.write(tmp_path / "cdk.out"), first.client)
    for number in range(3):
        _hear(first, f"before {number}")
    first.stop()
    with (
        Emulator(tmp_path / "state", port=first.port, close_gaps=False) as second,
        pytest.raises(AssertionError, match="never came true"),
    ):
        _hear(second, "after")


def test_state_is_written_without_being_asked(tmp_path: Path) -> None:
    state = tmp_path / "state"
    first = Emulator(state, checkpoint_seconds=0.2).start()
    first.client("sqs").create_queue(QueueName="questions")
    queues = state / "services" / "sqs.json"
    until(lambda: queues.exists() and "questions" in queues.read_text())
    first.kill()
    with Emulator(state, port=first.port) as second:
        assert second.client("sqs").get_queue_url(QueueName="questions")["QueueUrl"]


def test_a_stopped_emulator_leaves_no_worker_behind(tmp_path: Path) -> None:
    with Emulator(tmp_path / "state") as aws:
        deploy(small_city.write(tmp_path / "cdk.out"), aws.client)
        worker = invoke(aws, "moody")
        assert Path(f"/proc/{worker}").exists() or not Path("/proc").exists()
    until(lambda: not Path(f"/proc/{worker}").exists())


def test_the_same_assembly_is_not_deployed_twice(aws: Emulator, tmp_path: Path) -> None:
    assembly, marker = small_city.write(tmp_path / "cdk.out"), tmp_path / "deployed"
    deploy(assembly, aws.client, marker=marker)
    assert not deploy(assembly, aws.client, marker=marker)


def test_changed_code_is_deployed_and_called(aws: Emulator, tmp_path: Path) -> None:
    template = {"late": "def handler(event, context):\n    return 'old'\n"}
    with Emulator(tmp_path / "state") as own:
        deploy(small_city.write(tmp_path / "old", functions=template), own.client)
        assert invoke(own, "late") == "old"
        template["late"] = template["late"].replace("old", "new")
        deploy(small_city.write(tmp_path / "new", functions=template), own.client)
        assert invoke(own, "late") == "new"


def test_a_failing_resource_is_named(tmp_path: Path) -> None:
    broken = {
        "Broken": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": small_city.ROLE,
                "DefinitionString": '{"StartAt": "A", "States": {"A": {"Type": "Nonsense"}}}',
            },
        }
    }
    only = {"late": "def handler(event, context):\n    return 1\n"}
    with Emulator(tmp_path / "state") as own, pytest.raises(DeployFailed, match="Broken"):
        deploy(small_city.write(tmp_path / "out", functions=only, extra=broken), own.client)


def test_nothing_of_the_shell_reaches_a_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.setenv("SECRET_OF_THE_SHELL", "told")
    with Emulator(tmp_path / "state") as own:
        deploy(small_city.write(tmp_path / "out"), own.client)
        environment = invoke(own, "greet")["environment"]
    assert not {"AWS_PROFILE", "SECRET_OF_THE_SHELL", "PYTHONPATH"} & environment.keys()


def test_an_unknown_function_is_refused(aws: Emulator) -> None:
    with pytest.raises(ClientError, match="ResourceNotFound"):
        invoke(aws, "nobody")
