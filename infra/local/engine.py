"""moto's state-machine engine as the local city runs it: its gaps closed, one execution at a time.

The emulator runs deployed machines with it; `infra.local.machine` runs a definition in a test.
"""

import datetime as dt
import functools
import json
import threading
from collections.abc import Mapping
from typing import Any, cast

import moto.stepfunctions.parser.models  # noqa: F401  (loads every kind of state before patching)
from moto.stepfunctions.parser.api import StateMachineType
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackNotifyConsumerError,
    CallbackOutcome,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from moto.stepfunctions.parser.backend.execution import (
    BaseExecutionWorkerCommunication,
)
from moto.stepfunctions.parser.backend.execution import (
    Execution as UpstreamExecution,
)
from moto.stepfunctions.parser.backend.state_machine import StateMachineInstance

from infra.local.gaps import (
    asl_chatter,
    asl_clients,
    asl_error_names,
    asl_json_path,
    asl_loops,
    asl_parse_cache,
    asl_stops,
    asl_tokens,
)
from infra.local.patching import require_pinned

GAPS = (
    asl_chatter,
    asl_clients,
    asl_error_names,
    asl_json_path,
    asl_loops,
    asl_parse_cache,
    asl_stops,
    asl_tokens,
)


class TokenUnknown(LookupError):
    """No execution here ever gave out this task token; AWS says `InvalidToken`."""


class TokenClosed(LookupError):
    """Nobody waits for this task token any longer; AWS says `TaskTimedOut`."""


class NotADefinition(ValueError):
    """The text is not a state machine; AWS says `InvalidDefinition`."""


@functools.cache
def prepare() -> None:
    """Close the engine's gaps, once a process. Raises GapMoved when the engine is another one."""
    require_pinned("moto")
    for gap in GAPS:
        gap.apply()


def check(definition: str) -> None:
    """Raises NotADefinition with the parser's own words."""
    prepare()
    try:
        asl_parse_cache.parse_once(definition)
    except Exception as refused:
        raise NotADefinition(str(refused)[:300]) from refused


class _Deployed(StateMachineInstance):
    def itemise(self) -> Any:
        raise NotImplementedError


class Execution(UpstreamExecution):
    """One run of one definition, on threads of its own.

    `done` is set when it ended; `exec_status`, `output`, `error` and `cause` say how.
    """

    def __init__(
        self,
        *,
        arn: str,
        definition: str,
        payload: str,
        region: str,
        role_arn: str,
        logging: Mapping[str, Any] | None = None,
        kind: str = "STANDARD",
    ) -> None:
        prepare()
        _, _, _, _, account, _, machine, name = arn.split(":", 7)
        machine_arn = arn.rsplit(":", 1)[0].replace(":execution:", ":stateMachine:")
        super().__init__(
            name=name,
            sm_type=StateMachineType(kind),
            role_arn=role_arn,
            exec_arn=arn,
            account_id=account,
            region_name=region,
            cloud_watch_logging_session=None,
            activity_store={},
            input_data=payload,
            start_date=now(),
            state_machine=_Deployed(
                name=machine,
                arn=machine_arn,
                definition=definition,
                role_arn=role_arn,
                logging_config=cast("Any", dict(logging or {})),
            ),
        )
        self.done = threading.Event()

    def _get_start_execution_worker_comm(self) -> BaseExecutionWorkerCommunication:
        return _Reporter(self)

    @property
    def tokens(self) -> Any:
        """The engine's pool of task tokens; None before the first state."""
        environment = self.exec_worker and self.exec_worker.env
        return environment.callback_pool_manager if environment else None

    def token_ids(self) -> list[str]:
        """Every token this run gave out."""
        return list(self.tokens._pool) if self.tokens else []

    def waits_for(self, token: str) -> bool:
        """Whether a state of this run still waits for an answer to this token."""
        endpoint = self.tokens and self.tokens.get(token)
        return endpoint is not None and endpoint.consumer_error is None

    def answer(self, token: str, outcome: CallbackOutcome | None) -> bool:
        """Give an outcome, or with None a heartbeat, to a token; False when it is not of this run.

        Raises TokenClosed when the state it belonged to waits no longer.
        """
        if self.tokens is None:
            return False
        try:
            if outcome is None:
                known = self.tokens.get(token) is not None
                self.tokens.heartbeat(token)
                return known
            return bool(self.tokens.notify(token, outcome))
        except CallbackNotifyConsumerError as left:
            raise TokenClosed(token) from left

    def history(self) -> list[dict[str, Any]]:
        """The events so far, times as epoch seconds, as the API spells them."""
        if not (self.exec_worker and self.exec_worker.env):
            return []
        events = self.to_history_output()["events"]
        return [_as_json(event) for event in events]


class _Reporter(BaseExecutionWorkerCommunication):
    execution: Any

    def terminated(self) -> None:
        try:
            super().terminated()
        finally:
            self.execution.done.set()


def _as_json(event: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in event.items() if key not in ("timestamp", "type")}
    moment = event["timestamp"]
    if isinstance(moment, str):
        moment = dt.datetime.fromisoformat(moment)
    kind = getattr(event["type"], "value", event["type"])
    return {**plain, "type": kind, "timestamp": moment.timestamp()}


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def success(token: str, output: str) -> CallbackOutcome:
    """What `SendTaskSuccess` says. Raises ValueError when the output is not JSON."""
    json.loads(output)
    return CallbackOutcomeSuccess(callback_id=token, output=output)


def failure(token: str, error: str | None, cause: str | None) -> CallbackOutcome:
    """What `SendTaskFailure` says."""
    return CallbackOutcomeFailure(callback_id=token, error=error, cause=cause)
