"""moto's engine takes an answer to a task token twice, keeps it over a retry, and never closes it.

On AWS every attempt has a token of its own; a second answer, and an answer to a state that timed
out, was caught or was left, gets `TaskTimedOut`. Upstream a retry after `SendTaskFailure` finds the
old failure under the old token and fails again without waiting.

Here a token also holds the name of its machine, sealed away from nobody but meant for nobody: an
answer names no resource, and its right is one to the machine (see task_token_machine).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from moto.stepfunctions.parser.asl.component.common.retry.retry_outcome import RetryOutcome
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_callback as callback_task,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackConsumerLeft,
    CallbackNotifyConsumerError,
    CallbackPoolManager,
)
from moto.stepfunctions.parser.asl.eval.states import ContextObject

from infra.local.patching import put

Task = callback_task.StateTaskServiceCallback

UPSTREAM_NOTIFY = CallbackPoolManager.notify
_upstream_eval_body = Task._eval_body
_upstream_handle_retry = Task._handle_retry
_upstream_update_token = ContextObject.update_task_token


def machine_of(token: str) -> str:
    """The machine whose run gave out this token, as an ARN; empty when it is no such token."""
    head, dot, _ = token.partition(".")
    try:
        return urlsafe_b64decode(head.encode()).decode() if dot else ""
    except ValueError:
        return ""


def endpoint_of(env: Any) -> Any | None:
    """Where the token of this environment's state is waited for; None without a token."""
    task = env.states.context_object.context_object_data.get("Task")
    return env.callback_pool_manager.get(task["Token"]) if task else None


def close(env: Any) -> None:
    """No answer to the present token counts from now on."""
    endpoint = endpoint_of(env)
    if endpoint is not None:
        endpoint.report(CallbackConsumerLeft())


def _notify_once(self: Any, callback_id: str, outcome: Any) -> bool:
    endpoint = self.get(callback_id)
    if endpoint is not None and endpoint.get_outcome() is not None:
        raise CallbackNotifyConsumerError(callback_consumer_error=CallbackConsumerLeft())
    answered: bool = UPSTREAM_NOTIFY(self, callback_id, outcome)
    return answered


def _remember_token(self: Any) -> str:
    # Upstream drops the token from the context before the state is quite left.
    machine = self.context_object_data["StateMachine"]["Id"]
    head = urlsafe_b64encode(machine.encode()).decode()
    self.last_token = f"{head}.{_upstream_update_token(self)}"
    self.context_object_data["Task"]["Token"] = self.last_token
    return str(self.last_token)


def _close_on_leaving(self: Any, env: Any) -> None:
    context = env.states.context_object
    try:
        _upstream_eval_body(self, env)
    finally:
        endpoint = env.callback_pool_manager.get(getattr(context, "last_token", ""))
        if endpoint is not None:
            endpoint.report(CallbackConsumerLeft())
        context.context_object_data.pop("Task", None)


def _new_token_per_attempt(self: Any, env: Any, failure_event: Any) -> Any:
    outcome = _upstream_handle_retry(self, env, failure_event)
    if outcome == RetryOutcome.CanRetry and endpoint_of(env) is not None:
        close(env)
        env.callback_pool_manager.add(env.states.context_object.update_task_token())
    return outcome


def apply() -> None:
    put(CallbackPoolManager, "notify", _notify_once)
    put(ContextObject, "update_task_token", _remember_token)
    put(Task, "_eval_body", _close_on_leaving)
    put(Task, "_handle_retry", _new_token_per_attempt)
