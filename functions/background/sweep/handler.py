"""Sweep: every open case and ticket that is due gets a look, so that none waits for somebody."""

from typing import Any

from chepai.edge.sweeping import Sweeping
from chepai.edge.ticket_chasing import TicketChasing

sweeping = Sweeping.from_env()
tickets = TicketChasing.from_env()


def handler(event: dict[str, Any], _context: Any) -> dict[str, int]:
    done = sweeping.all_due(everything=event.get("everything") is True)
    return done | tickets.all_due()
