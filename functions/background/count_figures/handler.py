"""Count what was sealed since the last minute: exchanges, days of agencies, months of the city."""

from typing import Any

from chepai.edge.counting import CountingTheLog

counting = CountingTheLog.from_env()
# What one more stretch may take when the function's time is nearly over.
ENOUGH_MS = 10_000


def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    return {"leaves": counting.run(lambda: context.get_remaining_time_in_millis() > ENOUGH_MS)}
