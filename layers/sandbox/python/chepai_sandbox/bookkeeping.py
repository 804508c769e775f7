"""The books of simulated partners: a line a movement, and the statement of a day in pages."""

from typing import Any

from chepai.edge.clock import now, today
from chepai.partners.message import Statement
from chepai.partners.statement import LINES_A_PAGE
from chepai_sandbox.asked import Asked
from chepai_sandbox.worlds import Worlds


def note(worlds: Worlds, partner: str, act: str, **words: Any) -> None:
    """Write down what was done now."""
    worlds.note(f"{partner}#{today()}", {"act": act, "at": now().isoformat(), **words})


def state(asked: Asked, statement: type[Statement]) -> None:
    """Tell what is in the book of the day asked for, in as many pages as it takes."""
    day = asked.of("day").isoformat()
    lines = asked.worlds.noted(f"{asked.partner}#{day}")
    size = int(asked.script.get("lines_a_page", LINES_A_PAGE))
    pages = [lines[first : first + size] for first in range(0, len(lines), size)] or [[]]
    for page, some in enumerate(pages, start=1):
        asked.say(statement, day=day, page=page, pages=len(pages), lines=some)
