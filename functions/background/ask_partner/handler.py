"""Send the questions of the queue to the partners they are for."""

from typing import Any

from chepai.edge.asking import Asking

asking = Asking.from_env()


def handler(event: dict[str, Any], _context: Any) -> None:
    for record in event["Records"]:
        asking.take(record)
