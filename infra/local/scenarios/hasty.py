"""A second city whose waits are short, for the stories in which time runs out.

It is deployed from the same templates and published by the same command; only a few numbers under
[patience] of its profile differ, and its version says so: docs/decisions/0050-the-hasty-city.md.
"""

import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.city import City
from infra.local.scenarios.stage import Scenario
from infra.local.scenarios.urls import Urls
from infra.profile_check import CITIES, ProfileRefused, check

VERSION = "hasty-2026.1"
# Seconds. Long enough for an answer that comes, short enough to watch one that does not.
PATIENCE: Mapping[str, int] = {
    "check_purchase_tax": 10,
    "ask_the_register": 10,
    "replace_at_the_register": 10,
    "wait_for_fee": 15,
    "make_plates_and_papers": 30,
}
# The supervision centre draws by the minute, so that a story of its work ends within minutes.
SUPERVISION: Mapping[str, int] = {"period_minutes": 1, "settle_minutes": 0}
# No city of people may give its owners, or whoever makes plates, so little time: the check rightly
# refuses these values.
TOO_SHORT_FOR_PEOPLE = frozenset({"patience.wait_for_fee", "patience.make_plates_and_papers"})
SECONDS_OF_ITS_CLOCK = 2.0


def profile_of(city: str) -> dict[str, Any]:
    """The city's own profile in a hurry, held to every rule but the one it is there to break."""
    document = tomllib.loads((CITIES / f"{city}.toml").read_text("utf-8"))
    document["version"] = VERSION
    document["patience"] |= PATIENCE
    document["supervision"] |= SUPERVISION
    body, faults = check(document)
    if others := tuple(each for each in faults if each.key not in TOO_SHORT_FOR_PEOPLE):
        raise ProfileRefused(others)
    return body


@contextmanager
def hasty_city(
    state: Path,
    *,
    assembly: Callable[[], Path] | None = None,
    say: Callable[[str], None] = print,
) -> Iterator[City]:
    """A started one, with its state in `state`."""
    city = City(state, port=0, profile=profile_of("qingdao"), assembly=assembly, say=say)
    with city:
        yield city


@contextmanager
def hurried(city: City) -> Iterator[None]:
    """Its sweeper looks every few seconds and not every minute, as its waits are short too."""
    over, lambda_ = threading.Event(), city.client("lambda")

    def look() -> None:
        while not over.wait(SECONDS_OF_ITS_CLOCK):
            lambda_.invoke(FunctionName=city.place.name("sweep"), Payload=b"{}")

    ticking = threading.Thread(target=look, daemon=True, name="clock")
    ticking.start()
    try:
        yield
    finally:
        over.set()
        ticking.join(10)


@contextmanager
def beside(city: City, scenarios: Sequence[Scenario]) -> Iterator[Urls]:
    """The addresses that these scenarios need; the hasty city runs only when one needs it."""
    if not any(each.hasty for each in scenarios):
        yield Urls(city.url)
        return
    with hasty_city(city.state / "hasty", say=_tell) as other, hurried(other):
        yield Urls(city.url, other.url)


def _tell(line: str) -> None:
    print(f"  hasty city: {line}")
