"""The stories a running city can play: each files a real application and watches it to its end.

They speak as a citizen, a member of staff or the sandbox does, over HTTP; what they know of a case
is what its owner or the office may read.
"""

from typing import TYPE_CHECKING

from infra.local.scenarios.telling import say_in_both

if TYPE_CHECKING:
    from infra.local.city import City

DEFAULT = "new-car"
ALL = "all"
UNKNOWN = 2


def play(city: "City", name: str | None) -> int:
    """Play one scenario, or "all" and print a table of outcomes; the process's exit code."""
    from infra.local.scenarios import hasty, outcomes
    from infra.local.scenarios.plays import SCENARIOS

    wanted = list(SCENARIOS) if name == ALL else [name or DEFAULT]
    if unknown := [each for each in wanted if each not in SCENARIOS]:
        print(f"There is no scenario {unknown[0]}. There are: {ALL}, {', '.join(SCENARIOS)}.")
        return UNKNOWN
    scenarios = [SCENARIOS[each] for each in wanted]
    with hasty.beside(city, scenarios) as urls:
        if name == ALL:
            done = outcomes.play_all(scenarios, urls, says=outcomes.announce)
            outcomes.print_table(done)
        else:
            done = [outcomes.play_one(scenarios[0], urls)]
    return 0 if all(each.well for each in done) else 1


def titles() -> str:
    """The scenarios with what they tell, a line each."""
    from infra.local.scenarios.plays import SCENARIOS

    return "\n".join(f"  {name:<18} {say_in_both(name)}" for name in SCENARIOS)
