"""The stories a running city can play: each files a real application and watches it to its end."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.local.city import City

Scenario = Callable[["City"], bool]

# By the name that `make run SCENARIO=` takes; a scenario says whether it ended as it should.
SCENARIOS: dict[str, Scenario] = {}
DEFAULT = "new-car"


def play(city: "City", name: str | None) -> int:
    """Play one scenario, or "all" and print a table of outcomes; the process's exit code."""
    if name is None and DEFAULT not in SCENARIOS:
        return 0
    wanted = list(SCENARIOS) if name == "all" else [name or DEFAULT]
    unknown = [each for each in wanted if each not in SCENARIOS]
    if unknown:
        print(f"no scenario {unknown[0]}; there are: {', '.join(SCENARIOS) or 'none'}")
        return 2
    outcomes = {each: SCENARIOS[each](city) for each in wanted}
    if name == "all":
        for each, well in outcomes.items():
            print(f"  {'ended well ' if well else 'ENDED WRONG'}  {each}")
    return 0 if all(outcomes.values()) else 1
