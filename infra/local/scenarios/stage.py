"""Where one scenario is played: the city's address, whoever takes part, and what was found."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from infra.local.scenarios.sandbox import Sandbox
from infra.local.scenarios.wire import Refused, Wire

T = TypeVar("T")

POLL_SECONDS = (0.2, 1.0)
PATIENCE_SECONDS = 150.0


class EndedWrongly(AssertionError):
    """A scenario did not go as it must; the message says what was awaited and what was seen."""


@dataclass
class Stage:
    """One scenario under way. `says` hears each line of its story; `watches` each case filed.

    `checked` and `lines` are what the outcome's table and a failing test show.
    """

    url: str
    name: str
    says: Callable[[str], None] | None = None
    watches: Callable[[Any], None] | None = None
    checked: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    applications: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.wire = Wire(self.url)
        self.sandbox = Sandbox(self.wire)

    def tell(self, line: str) -> None:
        """One line of the story, with the seconds since it began."""
        told = f"[{time.monotonic() - self.began:5.1f} s] {line}"
        self.lines.append(told)
        if self.says:
            self.says(told)

    def check(self, what: str, holds: bool, seen: object = "") -> None:
        """Hold something to be so. Raises EndedWrongly with what was seen instead."""
        if not holds:
            raise EndedWrongly(f"{what}: it is not so{f', seen {seen}' if seen != '' else ''}")
        self.checked.append(what)
        self.tell(f"✓ {what}")

    def until(
        self, what: str, look: Callable[[], T | None], *, patience: float = PATIENCE_SECONDS
    ) -> T:
        """What `look` finds, asked again and again. Raises EndedWrongly when patience ends."""
        deadline = time.monotonic() + patience
        pause, longest = POLL_SECONDS
        while (found := _seen(look)) is None:
            if time.monotonic() > deadline:
                raise EndedWrongly(f"{what}: not within {patience:.0f} s")
            time.sleep(pause)
            pause = min(pause * 1.3, longest)
        return found

    def filed(self, application_id: str, owner: Any) -> None:
        """A case was filed: it is named in the outcome, and watched where somebody watches."""
        self.applications.append(application_id)
        self.tell(f"filed {application_id}")
        if self.watches:
            self.watches(owner)


def _seen(look: Callable[[], T | None]) -> T | None:
    """What is found, or None where the city is too busy to say: people look again then."""
    try:
        return look()
    except Refused as no:
        if no.status < 500:
            raise
        return None


@dataclass(frozen=True)
class Scenario:
    """One story: how it is played and with which word its (last) case ends.

    `hasty` ones need a city whose waits are short; see docs/decisions/0050-the-hasty-city.md.
    """

    name: str
    end: str
    play: Callable[[Stage], str]
    hasty: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a scenario went: `ended` is its last status, `wrong` what went wrong, "" for nothing."""

    scenario: Scenario
    ended: str
    seconds: float
    checks: int
    applications: tuple[str, ...]
    wrong: str
    lines: tuple[str, ...]

    @property
    def well(self) -> bool:
        return not self.wrong


def played(
    scenario: Scenario,
    url: str,
    *,
    says: Callable[[str], None] | None = None,
    watches: Callable[[Any], None] | None = None,
) -> Outcome:
    """Play one scenario; whatever goes wrong is told in the outcome, nothing is raised."""
    stage = Stage(url, scenario.name, says, watches)
    ended, wrong = "", ""
    try:
        ended = scenario.play(stage)
        if ended != scenario.end:
            wrong = f"it ended as {ended}, not as {scenario.end}"
    except Exception as error:  # noqa: BLE001 (one scenario's failure is a line of the table)
        wrong = f"{type(error).__name__}: {error}"
    if wrong:
        stage.tell(f"✗ {wrong}")
    return Outcome(
        scenario,
        ended,
        time.monotonic() - stage.began,
        len(stage.checked),
        tuple(stage.applications),
        wrong,
        tuple(stage.lines),
    )


_in_turn = threading.Lock()


def in_turn(line: str) -> None:
    """Print a line whole, whoever else prints at this moment."""
    with _in_turn:
        print(line, flush=True)
