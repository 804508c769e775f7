"""ministack forgets a table's stream records on a restart and remembers how far they were read.

The mapping would then skip as many new records as it had read before, and nobody would be woken.
On AWS records and positions live alike; here both begin anew, and the start-up looks after what
was lost in between.
"""

from typing import Any

from ministack.services import lambda_svc

from infra.local.patching import put

UPSTREAM = lambda_svc._restore_esm_positions


def restore(store: Any, positions: Any) -> None:
    """Take positions over, but those of table streams."""
    if store is not lambda_svc._dynamodb_stream_positions:
        UPSTREAM(store, positions)


def apply() -> None:
    put(lambda_svc, "_restore_esm_positions", restore)
