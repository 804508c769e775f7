"""ministack's Step Functions interpreter is replaced by moto's, which follows AWS more closely.

Upstream a Parallel waits for all branches before it fails; `TimeoutSeconds` of the machine and
`HeartbeatSeconds` are ignored; `$$.State.Name` races in a Parallel; history lacks the states inside
branches; a function that throws in a `.waitForTaskToken` state is swallowed; a definition that AWS
refuses is taken; every execution first sleeps 0.15 s; answering a token no one waits for succeeds.

Tasks call functions inside this process, without an HTTP request to ourselves.
"""

import io
import json
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from ministack.core.responses import _request_account_id, _request_region
from ministack.services import lambda_svc, stepfunctions
from ministack.services.cloudformation import provisioners

from infra.local import engine
from infra.local.gaps import asl_clients, machine_roles
from infra.local.patching import put

HISTORIES_KEPT = 500
TOKENS_REMEMBERED = 50_000

_upstream_history = stepfunctions._get_execution_history
_upstream_stop = stepfunctions._stop_execution
_upstream_create = stepfunctions._create_state_machine

_live: dict[str, engine.Execution] = {}
_lock = threading.Lock()
_ended: deque[Any] = deque()
_closed_tokens: dict[str, None] = {}


def _run(arn: str) -> None:
    record = stepfunctions._executions.get(arn)
    machine = record and stepfunctions._state_machines.get(record["stateMachineArn"])
    if not machine:
        return
    _serve_functions(arn.split(":")[3])
    execution = engine.Execution(
        arn=arn,
        definition=machine["definition"],
        payload=record["input"] or "{}",
        region=arn.split(":")[3],
        role_arn=machine["roleArn"],
        logging=machine.get("loggingConfiguration"),
        kind=machine.get("type", "STANDARD"),
    )
    with _lock:
        _live[arn] = execution
    try:
        execution.start()
        execution.done.wait()
    finally:
        with _lock:
            _live.pop(arn, None)
            _remember_tokens(execution)
    record["events"] = execution.history()
    if record["status"] == "RUNNING":
        _record_end(record, execution)
        stepfunctions._emit_execution_status_event(record)
    _trim_histories(record)


def _record_end(record: dict[str, Any], execution: engine.Execution) -> None:
    status = str(getattr(execution.exec_status, "value", execution.exec_status))
    record.update(
        status=status,
        stopDate=stepfunctions.now_iso(),
        error=execution.error,
        cause=execution.cause,
        output=None,
    )
    if status == "SUCCEEDED":
        record["output"] = json.dumps(execution.output, separators=(",", ":"), ensure_ascii=False)


def _remember_tokens(execution: engine.Execution) -> None:
    for token in execution.token_ids():
        _closed_tokens[token] = None
    while len(_closed_tokens) > TOKENS_REMEMBERED:
        del _closed_tokens[next(iter(_closed_tokens))]


def _trim_histories(record: dict[str, Any]) -> None:
    # State is written to disk as a whole; without a bound it would grow with every application.
    _ended.append(record)
    if len(_ended) > HISTORIES_KEPT:
        oldest = _ended.popleft()
        oldest["events"] = [*oldest["events"][:1], *oldest["events"][-1:]]


def _serve_functions(region: str) -> None:
    if not asl_clients.served(region):
        asl_clients.serve(region, lambda service, role: _client(service, role, region))


def _client(service: str, role: str, region: str) -> Any:
    if service != "lambda":
        raise NotImplementedError(f"machines call functions only, this one asked for {service}")
    return _Functions(region, role)


class _Functions:
    """A machine's Lambda client: it calls the emulator's own functions from one of its threads."""

    def __init__(self, region: str, role: str) -> None:
        self._region = region
        self._role = role

    def invoke(self, *, FunctionName: str, Payload: bytes = b"{}", **_: Any) -> dict[str, Any]:  # noqa: N803
        account, name, qualifier = _named(FunctionName)
        _request_account_id.set(account)
        _request_region.set(self._region)
        record, _ = lambda_svc._get_func_record_for_qualifier(name, qualifier)
        if record is None:
            raise _refused("ResourceNotFoundException", 404, f"Function not found: {FunctionName}")
        if not machine_roles.may_invoke(self._role, FunctionName, self._region):
            words = f"{self._role} is not authorized to perform: lambda:InvokeFunction"
            raise _refused("AccessDeniedException", 403, f"{words} on {FunctionName}")
        result = lambda_svc._execute_function(record, json.loads(Payload))
        if result.get("throttle"):
            raise _refused("TooManyRequestsException", 429, "Rate Exceeded.")
        body = json.dumps(result.get("body"), ensure_ascii=False).encode()
        answer = {
            "StatusCode": 200,
            "ExecutedVersion": qualifier or "$LATEST",
            "Payload": io.BytesIO(body),
        }
        return answer | ({"FunctionError": "Unhandled"} if result.get("error") else {})


def _named(function_name: str) -> tuple[str, str, str | None]:
    """Account, name and version of a function given by name, ARN or qualified ARN."""
    parts = function_name.split(":")
    if parts[0] != "arn":
        name, _, qualifier = function_name.partition(":")
        return "000000000000", name, qualifier or None
    return parts[4], parts[6], parts[7] if len(parts) > 7 else None


def _refused(code: str, status: int, message: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "local"},
        },
        "Invoke",
    )


def _answer(token: str, outcome: Any) -> Any:
    with _lock:
        running = list(_live.values())
    try:
        if any(execution.answer(token, outcome) for execution in running):
            return stepfunctions.json_response({})
        closed = token in _closed_tokens
    except engine.TokenClosed:
        closed = True
    if closed:
        words = "Task Timed Out: 'Provided task does not exist anymore'"
        return stepfunctions.error_response_json("TaskTimedOut", words, 400)
    return stepfunctions.error_response_json("InvalidToken", "Invalid Token: 'Invalid token'", 400)


def _succeed(data: dict[str, Any]) -> Any:
    token = data.get("taskToken", "")
    try:
        outcome = engine.success(token, data.get("output", "{}"))
    except ValueError:
        words = "Invalid Output: 'Invalid output'"
        return stepfunctions.error_response_json("InvalidOutput", words, 400)
    return _answer(token, outcome)


def _fail(data: dict[str, Any]) -> Any:
    token = data.get("taskToken", "")
    return _answer(token, engine.failure(token, data.get("error"), data.get("cause")))


def _beat(data: dict[str, Any]) -> Any:
    return _answer(data.get("taskToken", ""), None)


def _history(data: dict[str, Any]) -> Any:
    with _lock:
        execution = _live.get(data.get("executionArn", ""))
    if execution is not None:
        stepfunctions._executions[execution.exec_arn]["events"] = execution.history()
    return _upstream_history(data)


def _stop(data: dict[str, Any]) -> Any:
    with _lock:
        execution = _live.get(data.get("executionArn", ""))
    response = _upstream_stop(data)
    if execution is not None:
        execution.stop(engine.now(), data.get("error"), data.get("cause"))
    return response


def _create(data: dict[str, Any]) -> Any:
    try:
        engine.check(data.get("definition", ""))
    except engine.NotADefinition as refused:
        return stepfunctions.error_response_json("InvalidDefinition", str(refused), 400)
    return _upstream_create(data)


def _checked(provision: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
    def provision_checked(*arguments: Any, **more: Any) -> Any:
        engine.check(provisioners._sfn_definition(arguments[properties_at]))
        return provision(*arguments, **more)

    return provision_checked


def apply() -> None:
    engine.prepare()
    for name, ours in (
        ("_run_execution", _run),
        ("_send_task_success", _succeed),
        ("_send_task_failure", _fail),
        ("_send_task_heartbeat", _beat),
        ("_get_execution_history", _history),
        ("_stop_execution", _stop),
        ("_create_state_machine", _create),
    ):
        put(stepfunctions, name, ours)
    machines = provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"]
    # The properties are the second argument of a creation and the third of an update.
    machines["create"] = _checked(machines["create"], 1)
    machines["update"] = _checked(machines["update"], 2)
