"""moto's engine names threads and log lines after the printed tree of the whole definition.

Printing it took most of the time of a parallel state, and each error prints it again at every
level. It also keeps every thread it ever started in one list, for its own tests.
"""

import sys
from typing import Any

from moto.stepfunctions.parser import utils
from moto.stepfunctions.parser.asl.component.component import Component

from infra.local.patching import put

UPSTREAM_STR = Component.__str__


class _Forgetful(list[Any]):
    def append(self, item: Any) -> None:
        pass


def _short(self: Any) -> str:
    return f"({type(self).__name__} {getattr(self, 'name', '')})"


def apply() -> None:
    put(Component, "__str__", _short)
    if isinstance(utils.TMP_THREADS, _Forgetful):
        return
    upstream, forgetful = utils.TMP_THREADS, _Forgetful()
    for name, module in list(sys.modules.items()):
        if (
            name.startswith("moto.stepfunctions")
            and getattr(module, "TMP_THREADS", None) is upstream
        ):
            module.TMP_THREADS = forgetful  # type: ignore[attr-defined]
