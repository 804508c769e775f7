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


def play(city: "City", name: str | None) -> int:
    """Play one scenario, or "all" and print a table of outcomes; the process's exit code."""
    from infra.local.scenarios import hasty, outcomes
    from infra.local.scenarios.plays import SCENARIOS

    wanted = list(SCENARIOS) if name == ALL else [name or DEFAULT]
    scenarios = [SCENARIOS[each] for each in wanted]
    with hasty.beside(city, scenarios) as urls:
        if name == ALL:
            done = outcomes.play_all(scenarios, urls, says=outcomes.announce)
            outcomes.print_table(done)
        else:
            done = [outcomes.play_one(scenarios[0], urls)]
    return 0 if all(each.well for each in done) else 1


def why_unknown(name: str | None) -> str:
    """What to say of a name that is no scenario's; "" for one that can be played."""
    from infra.local.scenarios.plays import SCENARIOS

    if name is None or name == ALL or name in SCENARIOS:
        return ""
    known = "\n".join(f"  {each:<20}{say_in_both(each)}" for each in SCENARIOS)
    return f"There is no scenario {name}. There are:\n  {ALL}\n{known}"
