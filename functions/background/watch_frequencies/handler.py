"""Count what happens often, and open a finding where it is unusually often."""

from typing import Any

from chepai.edge.alarms import Watching

watching = Watching.from_env()


def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    return watching.count()
