"""A state machine run inside a test: the real definition, our own functions, no AWS.

    machine = Machine(definition, {"check_invoice": check_invoice.handler, ...})
    walk = machine.run({"application_id": "app_1"})
    assert walk.path[-1] == "Refused: tax not paid"

Waits and retry intervals take no time. A task token is answered by a function while it runs, by the
test through `send_task_success` and `send_task_failure`, or by a deadline that the test lets pass
with `time_out`. `wire` makes a boto3 Step Functions client answer this machine.
"""

import io
import itertools
import json
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.common.retry.jitter_strategy_decl import (
    JitterStrategyDecl,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_callback as callback_task,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import (
    WaitFunction,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackOutcomeTimedOut

from infra.local import engine
from infra.local.gaps import asl_clients
from infra.local.patching import put

Handler = Callable[[Any, Any], Any]

ACCOUNT = "000000000000"
_numbers = itertools.count(1)
_machines: dict[str, "Machine"] = {}


class StillWaiting(AssertionError):
    """The machine did not end in time; the message names what it waits for."""


@dataclass(frozen=True)
class Walk:
    """How an execution went.

    `path` holds every state entered, in order, those inside branches too; `trunk` only the states
    of the machine's own top level. `status` is AWS's word: SUCCEEDED, FAILED, TIMED_OUT, ABORTED.
    """

    path: tuple[str, ...]
    trunk: tuple[str, ...]
    status: str
    output: Any
    error: str | None
    cause: str | None
    events: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Parked:
    """A state that waits for its task token; `timeout_seconds` is its deadline as AWS counts it."""

    state: str
    token: str
    timeout_seconds: int


class Machine:
    """One definition with the functions its tasks call.

    `definition`: a mapping, or its JSON text. `functions`: by the folder name of the step; a task
    finds its function whether `FunctionName` is the name itself, an ARN, a `${placeholder}` or a
    deployed name that ends in it. Raises NotADefinition when the engine refuses the definition.
    """

    def __init__(
        self,
        definition: Mapping[str, Any] | str,
        functions: Mapping[str, Handler],
        *,
        name: str = "machine",
    ) -> None:
        text = definition if isinstance(definition, str) else json.dumps(definition)
        engine.check(text)
        _shorten_waits()
        self._text = text
        self._trunk = set(json.loads(text)["States"])
        self._functions = dict(functions)
        self._name = name
        # The engine knows a machine's clients by region, so each machine has a region of its own.
        self._region = f"local-{next(_numbers)}"
        self._parked: dict[str, Parked] = {}
        self._changed = threading.Condition()
        self._runs: list[engine.Execution] = []
        self.calls: list[tuple[str, Any]] = []
        _machines[self._region] = self
        asl_clients.serve(self._region, self._client)

    def run(self, payload: Any, *, name: str | None = None, patience: float = 10) -> Walk:
        """Start and go to the end; raises StillWaiting after `patience` seconds."""
        return self.start(payload, name=name).end(patience=patience)

    def start(self, payload: Any, *, name: str | None = None) -> "Run":
        """Start and return at once."""
        run_name = name or f"run-{len(self._runs) + 1}"
        execution = engine.Execution(
            arn=f"arn:aws:states:{self._region}:{ACCOUNT}:execution:{self._name}:{run_name}",
            definition=self._text,
            payload=json.dumps(payload),
            region=self._region,
            role_arn=f"arn:aws:iam::{ACCOUNT}:role/machine",
        )
        self._runs.append(execution)
        execution.start()
        return Run(self, execution)

    # The same names and words as boto3, so that a test may hand the machine in as the client.

    def send_task_success(self, *, taskToken: str, output: str = "{}") -> dict[str, Any]:  # noqa: N803
        """Raises TokenClosed or TokenUnknown, as AWS refuses with TaskTimedOut or InvalidToken."""
        return self._answer(taskToken, engine.success(taskToken, output))

    def send_task_failure(
        self,
        *,
        taskToken: str,  # noqa: N803
        error: str | None = None,
        cause: str | None = None,
    ) -> dict[str, Any]:
        """Raises TokenClosed or TokenUnknown, as AWS refuses with TaskTimedOut or InvalidToken."""
        return self._answer(taskToken, engine.failure(taskToken, error, cause))

    def send_task_heartbeat(self, *, taskToken: str) -> dict[str, Any]:  # noqa: N803
        """Raises TokenClosed or TokenUnknown, as AWS refuses with TaskTimedOut or InvalidToken."""
        return self._answer(taskToken, None)

    def wire(self, client: Any) -> None:
        """Let a boto3 Step Functions client answer this machine's tokens, refusals included."""
        for operation, call in (
            ("SendTaskSuccess", self.send_task_success),
            ("SendTaskFailure", self.send_task_failure),
            ("SendTaskHeartbeat", self.send_task_heartbeat),
        ):
            client.meta.events.register(
                f"before-call.sfn.{operation}", _as_http(call), unique_id=f"machine-{operation}"
            )

    def _answer(self, token: str, outcome: Any) -> dict[str, Any]:
        for execution in reversed(self._runs):
            if execution.answer(token, outcome):
                return {}
        raise engine.TokenUnknown(token)

    def _client(self, service: str, _role: str) -> Any:
        if service != "lambda":
            raise AssertionError(f"a machine calls functions only, this one asked for {service}")
        return SimpleNamespace(invoke=self._invoke)

    def _invoke(self, *, FunctionName: str, Payload: bytes = b"{}", **_: Any) -> dict[str, Any]:  # noqa: N803
        step = self._step(FunctionName)
        event = json.loads(Payload)
        self.calls.append((step, event))
        try:
            answer = self._functions[step](event, _Context(step))
            body, refused = json.dumps(answer), {}
        except Exception as error:  # noqa: BLE001  (a function may throw whatever it likes)
            body = json.dumps(
                {
                    "errorMessage": str(error),
                    "errorType": type(error).__name__,
                    "stackTrace": traceback.format_exc().splitlines(keepends=True),
                }
            )
            refused = {"FunctionError": "Unhandled"}
        return {
            "StatusCode": 200,
            "ExecutedVersion": "$LATEST",
            "Payload": io.BytesIO(body.encode()),
            **refused,
        }

    def _step(self, function_name: str) -> str:
        bare = function_name.removesuffix(":$LATEST").rsplit(":", 1)[-1].strip("${}")
        named = [
            step
            for step in self._functions
            if bare == step or bare.replace("_", "-").endswith("-" + step.replace("_", "-"))
        ]
        if not named:
            raise AssertionError(f"no function was given for {function_name}")
        return max(named, key=len)

    def _park(self, parked: Parked) -> None:
        with self._changed:
            self._parked[parked.token] = parked
            self._changed.notify_all()

    def _unpark(self, token: str) -> None:
        with self._changed:
            self._parked.pop(token, None)
            self._changed.notify_all()


class Run:
    """One execution that a test walks along with."""

    def __init__(self, machine: Machine, execution: engine.Execution) -> None:
        self._machine = machine
        self._execution = execution

    def parked(self) -> tuple[Parked, ...]:
        """The states that wait for a token at this moment."""
        with self._machine._changed:
            return tuple(
                parked
                for parked in self._machine._parked.values()
                if self._execution.waits_for(parked.token)
            )

    def until(self, state: str, *, patience: float = 10) -> Parked:
        """Wait till this state is parked; raises StillWaiting when it ends or never comes there."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            for parked in self.parked():
                if parked.state == state:
                    return parked
            if self._execution.done.is_set():
                break
            with self._machine._changed:
                self._machine._changed.wait(0.02)
        raise StillWaiting(f"never waited at {state!r}; {self._where()}")

    def answer(self, state: str, output: Any) -> None:
        """Answer the token of a parked state with success."""
        self._machine.send_task_success(
            taskToken=self.until(state).token, output=json.dumps(output)
        )

    def fail(self, state: str, error: str, cause: str = "") -> None:
        """Answer the token of a parked state with a failure of this name."""
        self._machine.send_task_failure(taskToken=self.until(state).token, error=error, cause=cause)

    def time_out(self, state: str) -> None:
        """Let the deadline of a parked state pass."""
        token = self.until(state).token
        self._execution.answer(token, CallbackOutcomeTimedOut(callback_id=token))

    def end(self, *, patience: float = 10) -> Walk:
        """Wait for the end; raises StillWaiting after `patience` seconds."""
        if not self._execution.done.wait(patience):
            raise StillWaiting(f"did not end in {patience} s; {self._where()}")
        events = tuple(self._execution.history())
        path = _states_entered(events)
        status = self._execution.exec_status
        return Walk(
            path=path,
            trunk=tuple(state for state in path if state in self._machine._trunk),
            status=str(getattr(status, "value", status)),
            output=self._execution.output,
            error=self._execution.error,
            cause=self._execution.cause,
            events=events,
        )

    def _where(self) -> str:
        path = " → ".join(_states_entered(tuple(self._execution.history())))
        waiting = ", ".join(repr(parked.state) for parked in self.parked()) or "nothing"
        error = f", error {self._execution.error}: {self._execution.cause}"
        return f"path {path}, waiting at {waiting}{error if self._execution.error else ''}"


class _Context:
    """What a function's second argument offers on AWS."""

    memory_limit_in_mb = 512
    function_version = "$LATEST"

    def __init__(self, step: str) -> None:
        self.function_name = step
        self.invoked_function_arn = f"arn:aws:lambda:local:{ACCOUNT}:function:{step}"
        self.aws_request_id = f"request-{next(_numbers)}"
        self.log_group_name = f"/aws/lambda/{step}"
        self.log_stream_name = "local"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def _states_entered(events: tuple[Mapping[str, Any], ...]) -> tuple[str, ...]:
    return tuple(
        event["stateEnteredEventDetails"]["name"]
        for event in events
        if "stateEnteredEventDetails" in event
    )


def _as_http(call: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
    def answered(params: Mapping[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        try:
            return SimpleNamespace(status_code=200), call(**json.loads(params["body"]))
        except engine.TokenClosed:
            code = "TaskTimedOut"
        except engine.TokenUnknown:
            code = "InvalidToken"
        refusal = {"Error": {"Code": code, "Message": "refused"}, "ResponseMetadata": {}}
        return SimpleNamespace(status_code=400), refusal

    return answered


_engine_waits_for_token = callback_task.StateTaskServiceCallback._eval_wait_for_task_token
_engine_waits = WaitFunction._wait_interval
_engine_jitters = JitterStrategyDecl._eval_body


def _wait_for_token(
    self: Any, env: Any, timeout_seconds: int, callback_endpoint: Any, heartbeat_endpoint: Any
) -> Any:
    machine = _machines.get(env.aws_execution_details.region)
    token = callback_endpoint.callback_id
    if machine is not None:
        machine._park(Parked(self.name, token, timeout_seconds))
    try:
        return _engine_waits_for_token(
            self, env, timeout_seconds, callback_endpoint, heartbeat_endpoint
        )
    finally:
        if machine is not None:
            machine._unpark(token)


def _wait(self: Any, env: Any, wait_seconds: int) -> None:
    if env.aws_execution_details.region not in _machines:
        _engine_waits(self, env, wait_seconds)


def _retry_at_once(self: Any, env: Any) -> None:
    # Jitter is what the engine applies last to the seconds it will sleep before a retry.
    _engine_jitters(self, env)
    if env.aws_execution_details.region in _machines:
        env.stack[-1] = 0


def _shorten_waits() -> None:
    """Only for machines of this module: an emulator in the same process keeps real time."""
    put(callback_task.StateTaskServiceCallback, "_eval_wait_for_task_token", _wait_for_token)
    put(WaitFunction, "_wait_interval", _wait)
    put(JitterStrategyDecl, "_eval_body", _retry_at_once)
