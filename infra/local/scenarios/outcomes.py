"""Playing scenarios beside one another, and the table of how they went."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from rich.table import Table
from rich.text import Text

from infra.local.scenarios.stage import Outcome, Scenario, in_turn, played
from infra.local.scenarios.telling import console, say, say_in_both
from infra.local.scenarios.urls import Urls

# An application is about two seconds of one core: more at once only wait for one another.
AT_ONCE = 6


def play_all(
    scenarios: Sequence[Scenario],
    urls: Urls,
    *,
    at_once: int = AT_ONCE,
    says: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Play several at once, `at_once` at most; `says` hears of each as it ends."""

    def one(scenario: Scenario) -> Outcome:
        outcome = played(scenario, urls.of(scenario))
        if says:
            says(outcome)
        return outcome

    with ThreadPoolExecutor(at_once, thread_name_prefix="scenario") as pool:
        return list(pool.map(one, scenarios))


def play_one(scenario: Scenario, urls: Urls) -> Outcome:
    """Play one and show it live; a terminal is drawn in place, anything else gets plain lines."""
    from infra.local.scenarios.show import show
    from infra.local.scenarios.view import watching

    url = urls.of(scenario)
    print(f"\n{say_in_both(scenario.name)}\n")
    with watching() as watched:
        outcome = played(scenario, url, says=watched.note, watches=watched.follow)
    print(_line(outcome))
    for application in outcome.applications:
        if scenario.hasty:
            # Its city ends with the story, so it is drawn while there is one.
            show(url, application)
        else:
            print(f"  make show APP={application}")
    return outcome


def announce(outcome: Outcome) -> None:
    """One line for a scenario that has just ended; all it said when it ended wrongly."""
    told = [_line(outcome)]
    if not outcome.well:
        told += [f"    {line}" for line in outcome.lines]
    in_turn("\n".join(told))


def print_table(outcomes: Sequence[Outcome]) -> None:
    """All outcomes, a row each."""
    table = Table(box=None, pad_edge=False)
    for heading in ("scenario", "ended", "checks", "seconds"):
        table.add_column(say_in_both(heading), overflow="fold")
    for each in outcomes:
        mark = "[green]✓[/]" if each.well else "[red]✗[/]"
        table.add_row(
            f"{mark} {each.scenario.name}  {say(each.scenario.name, 'zh-CN')}",
            each.ended or "—",
            str(each.checks),
            f"{each.seconds:.1f}",
        )
    out = console()
    out.print()
    out.print(table)
    for each in outcomes:
        if not each.well:
            out.print(Text.assemble(("✗", "red"), f" {each.scenario.name}: {each.wrong}"))


def _line(outcome: Outcome) -> str:
    name, word = outcome.scenario.name, "well" if outcome.well else "wrong"
    mark = "✓" if outcome.well else "✗"
    tail = f": {outcome.wrong}" if outcome.wrong else ""
    return (
        f"{mark} {name}: {outcome.ended or '—'}, {say_in_both(word)}, "
        f"{outcome.checks} {say('checks', 'en')}, {outcome.seconds:.1f} s{tail}"
    )
