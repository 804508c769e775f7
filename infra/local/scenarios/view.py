"""One car from submit to delivery, live: who is asked, who has answered, who holds the case.

A terminal is drawn in place; anything else (a pipe, a log) gets a plain line for each change.
"""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.stage import in_turn
from infra.local.scenarios.telling import say_in_both
from infra.local.scenarios.wire import CityAway, Refused

LOOK_SECONDS = 0.4
LINES_KEPT = 8
_STEP = {"done": ("●", "green"), "now": ("◐", "yellow"), "to_come": ("○", "dim")}
_FACT = {
    "asked": ("…", "yellow"),
    "late": ("…", "red"),
    "matched": ("✓", "green"),
    "mismatched": ("✗", "red"),
    "missing": ("✗", "red"),
    "unavailable": ("?", "red"),
}

Seen = Mapping[str, Any]


class Watched:
    """Looks at the case that was filed last, and shows what has changed."""

    def __init__(self, live: Live | None) -> None:
        self._live = live
        self._owner: Owner | None = None
        self._case = ""
        self._seen: Seen = {}
        self._told: dict[str, str] = {}
        self._lines: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_again, daemon=True, name="view")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Look a last time and stop looking."""
        self._over.set()
        self._thread.join(5)
        self._look()

    def follow(self, owner: Owner) -> None:
        """Watch this owner's case from now on."""
        self._told.clear()
        self._owner, self._case = owner, owner.application_id

    def note(self, line: str) -> None:
        """A line of the story."""
        if self._live is None:
            in_turn(f"  {line}")
            return
        self._lines = [*self._lines, line][-LINES_KEPT:]
        self._live.update(self._drawn())

    def _look_again(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        if self._owner is None:
            return
        try:
            seen = self._owner.progress()
        except (CityAway, Refused):
            # The next look will tell; the scenario itself says what is wrong.
            return
        if seen["application_id"] != self._case:
            # The owner has filed another one meanwhile.
            return
        self._seen = seen
        if self._live is None:
            self._tell_changes(self._seen)
        else:
            self._live.update(self._drawn())

    def _tell_changes(self, seen: Seen) -> None:
        for what, words in _plainly(seen):
            if self._told.get(what) != words:
                self._told[what] = words
                in_turn(f"    {words}")

    def _drawn(self) -> RenderableType:
        story = Text("\n".join(self._lines), style="dim")
        return Group(drawn(self._seen), story) if self._seen else story


@contextmanager
def watching() -> Iterator[Watched]:
    """Something to show a scenario with, while it is played."""
    if not sys.stdout.isatty():
        watched = Watched(None)
        watched.start()
        try:
            yield watched
        finally:
            watched.stop()
        return
    # Four times a second and only what changed: nothing flickers.
    with Live(console=Console(highlight=False), refresh_per_second=4) as live:
        watched = Watched(live)
        watched.start()
        try:
            yield watched
        finally:
            watched.stop()


def drawn(seen: Seen) -> RenderableType:
    """A case's progress as a page for the terminal."""
    facts = Table(box=None, pad_edge=False, show_header=False)
    for each in seen["facts"]:
        mark, style = _FACT.get(each["state"], ("?", "red"))
        facts.add_row(
            Text(mark, style),
            both(each["name"]),
            Text(both(each["state_text"]), style),
            Text(both(each["agency_text"]), "dim"),
        )
    way = Text("  ")
    for each in seen["steps"]:
        mark, style = _STEP[each["state"]]
        way.append(f"{mark} {each['name']['zh-CN']['title']} ", style)
    return Group(_head(seen), way, Text(), facts, Text(), _foot(seen))


def both(texts: Mapping[str, Mapping[str, str]]) -> str:
    """Chinese with English beside it."""
    return "  ".join(texts[language]["title"] for language in ("zh-CN", "en") if texts)


def _head(seen: Seen) -> Text:
    head = Text(f"{seen['application_id']}  ", "bold")
    head.append(both(seen["status_text"]), "bold cyan")
    if seen.get("number"):
        head.append(f"   {seen['number']}", "bold white on blue")
    return head


def _foot(seen: Seen) -> Text:
    foot = Text()
    if seen["holder"]:
        foot.append(f"{say_in_both('holder')}: {both(seen['holder_text'])}\n")
    foot.append(f"{say_in_both('legal_end')}: {seen['latest_end']}\n")
    for _, style, line in _clock(seen):
        foot.append(f"{line}\n", style)
    for each in seen["parcels"]:
        foot.append(f"{each['waybill']}: {each['state']}\n", "dim")
    for each in seen["reasons"]:
        foot.append(f"{each['code']}  {_reason(each)}\n", "yellow")
    return foot


def _clock(seen: Seen) -> Iterator[tuple[str, str, str]]:
    """What the legal clock says, and the date announced instead of one that will be missed.

    Each line with what it is about and its style: one that is unchanged is not told again.
    """
    if clock := seen.get("clock"):
        left = f"{say_in_both('days_left')}: {clock['days_left']}"
        style = "yellow" if clock.get("paused") else "dim"
        yield "clock", style, f"{both(clock['text'])}, {left}"
        if clock.get("promised_on"):
            yield "promised", "dim", f"{say_in_both('promised')}: {clock['promised_on']}"
    if delay := seen.get("delay"):
        said = f"{say_in_both('new_date')}: {delay['expected_on']}"
        yield "delay", "red", f"{both(delay['text'])}  {said}"


def _reason(card: Mapping[str, Any]) -> str:
    what = card.get("texts", {}).get("what")
    return both(what) if what else ""


def _plainly(seen: Seen) -> Iterator[tuple[str, str]]:
    """What a plain line can say of a case: what it is about, and the words."""
    holder = f"  ({both(seen['holder_text'])})" if seen["holder"] else ""
    yield "status", both(seen["status_text"]) + holder
    if seen.get("number"):
        yield "number", f"{say_in_both('number')}: {seen['number']}"
    for each in seen["facts"]:
        mark, _ = _FACT.get(each["state"], ("?", ""))
        yield each["kind"], f"  {mark} {both(each['name'])}: {both(each['state_text'])}"
    for each in seen["parcels"]:
        yield each["waybill"], f"  {each['waybill']}: {each['state']}"
    for each in seen["reasons"]:
        yield each["code"], f"  ! {each['code']} {_reason(each)}"
    for what, _, line in _clock(seen):
        yield what, f"  {line}"
