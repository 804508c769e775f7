"""Wake what waits for a fact: the fast path from a partner's answer to the waiting state."""

from typing import Any

from chepai.edge.waking import Waking

waking = Waking.from_env()


def handler(event: dict[str, Any], _context: Any) -> None:
    for record in event["Records"]:
        waking.by(record["dynamodb"]["Keys"])
