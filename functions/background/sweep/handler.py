"""Sweep: every open case that is due gets a look, so that none waits on something that is lost."""

from typing import Any

from chepai.edge.sweeping import Sweeping

sweeping = Sweeping.from_env()


def handler(event: dict[str, Any], _context: Any) -> dict[str, int]:
    return sweeping.all_due(everything=event.get("everything") is True)
