"""moto's engine does not wake what waits for a token when its execution or branch is stopped.

When one branch of a Parallel fails, or an execution is stopped or times out, AWS ends the states
inside at once. Upstream their threads stay until their own deadlines, days later, then write
history into a finished execution; a stopped execution never ends; and a failure that comes after
the stop overwrites it.
"""

from typing import Any

from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager

from infra.local.gaps import asl_tokens
from infra.local.patching import put

_upstream_set_stop = Environment.set_stop
_upstream_set_timed_out = Environment.set_timed_out
_upstream_set_error = Environment.set_error
_upstream_add_event = EventManager.add_event


def _wake(env: Any) -> None:
    env.event_history_context.ended = True
    endpoint = asl_tokens.endpoint_of(env)
    if endpoint is not None:
        asl_tokens.close(env)
        endpoint.interrupt_all()


def _stop(self: Any, *args: Any, **kwargs: Any) -> None:
    was_running = self.is_running()
    _upstream_set_stop(self, *args, **kwargs)
    if was_running:
        _wake(self)


def _time_out(self: Any) -> None:
    _upstream_set_timed_out(self)
    _wake(self)


def _fail_if_running(self: Any, error: Any) -> None:
    if self.is_running():
        _upstream_set_error(self, error)


def _add_event_while_running(
    self: Any, context: Any, event_type: Any, *args: Any, **kw: Any
) -> Any:
    # The last event of all tells how the execution ended, and still belongs to the history.
    if getattr(context, "ended", False) and not event_type.value.startswith("Execution"):
        return context.source_event_id
    return _upstream_add_event(self, context, event_type, *args, **kw)


def apply() -> None:
    put(Environment, "set_stop", _stop)
    put(Environment, "set_timed_out", _time_out)
    put(Environment, "set_error", _fail_if_running)
    put(EventManager, "add_event", _add_event_while_running)
