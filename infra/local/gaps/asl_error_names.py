"""moto's engine turns some of AWS's own error names into `States.Runtime`.

A branch of a Parallel that fails with `States.Timeout` fails the Parallel with `States.Timeout` on
AWS; upstream refuses the name as a custom one and the whole execution fails. A Choice that matches
nothing says `States.NoChoiceMatched` on AWS.
"""

from typing import Any, cast

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl

from infra.local.patching import put

_upstream_choose = StateChoice._eval_state


def _any_error_name(error_name: str | None) -> Any:
    if error_name and error_name.startswith("States."):
        return StatesErrorName.from_name(error_name)
    return CustomErrorName(error_name=error_name)


def _choose(self: Any, env: Any) -> None:
    try:
        _upstream_choose(self, env)
    except RuntimeError as nothing:
        if "No branching option reached" not in str(nothing.args[0]):
            raise
        kind = StatesErrorNameType.StatesNoChoiceMatched
        raise FailureEventException(
            failure_event=FailureEvent(
                env=env,
                error_name=StatesErrorName(typ=kind),
                event_type=HistoryEventType.ExecutionFailed,
                event_details=cast(
                    "Any",
                    {
                        "executionFailedEventDetails": {
                            "error": kind.to_name(),
                            "cause": f"No choice of {self.name} matches.",
                        }
                    },
                ),
            )
        ) from nothing


def apply() -> None:
    put(branches_decl, "CustomErrorName", _any_error_name)
    put(StateChoice, "_eval_state", _choose)
