"""ministack keeps how far a table's stream was read over a restart, but not what was in it.

The stream starts again from nothing, the reader waits far behind its end, and every function on a
stream is deaf until as many rows were written as ever before. On AWS both outlast everything.
Here reading starts again from nothing too; what nobody had read at a kill, the sweeper finds.
"""

from typing import Any

from ministack.services import lambda_svc

from infra.local.patching import put

_upstream_restore = lambda_svc._restore_state


def _restore(data: Any) -> None:
    _upstream_restore(data)
    positions = lambda_svc._dynamodb_stream_positions._data
    for reader in positions:
        positions[reader] = 0


def apply() -> None:
    put(lambda_svc, "_restore_state", _restore)
