"""moto's engine takes a catcher that leads back to its own state for no catcher at all.

Upstream tells an overridden `Next` by the name of the state having changed, so a state that is
caught to be done again (plates that failed are made again) goes on to its `Next` instead.
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.common.catch.catcher_decl import CatcherDecl
from moto.stepfunctions.parser.asl.component.common.catch.catcher_outcome import (
    CatcherOutcomeCaught,
)
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField

from infra.local.patching import put

_MARK = "caught_to"
_upstream_catch = CatcherDecl._eval_body
_upstream_set_next = CommonStateField._set_next


def _catch(self: Any, env: Any) -> None:
    _upstream_catch(self, env)
    if isinstance(env.stack[-1], CatcherOutcomeCaught):
        setattr(env, _MARK, env.next_state_name)


def _set_next(self: Any, env: Any) -> None:
    if vars(env).pop(_MARK, None) != self.name:
        _upstream_set_next(self, env)


def apply() -> None:
    put(CatcherDecl, "_eval_body", _catch)
    put(CommonStateField, "_set_next", _set_next)
