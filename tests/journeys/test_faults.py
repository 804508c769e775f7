"""A few faults and one storm, on one city: every journey ends, and all that must hold does hold.

The whole list is `make faults`; what a seed chooses here it chooses again.
"""

from pathlib import Path

import pytest

from infra.local.faults.city import faulty_city
from infra.local.faults.rules import Choice, Kind
from infra.local.faults.run import Run, Wanted, crash_points, of_crashes
from infra.local.faults.table import FAULTS, STORMS
from infra.local.testing import last_words

SECONDS = 40.0
ROWS = ("F2", "F17", "P1")
DEATHS = 6


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Journeys in a city in which a few things fail, played to their end."""
    state: Path = tmp_path_factory.mktemp("faults")
    with faulty_city(state, Choice(1), say=lambda _: None) as city:
        played = Run(city, SECONDS, at_once=6, say=print)
        rules = {fault.number: fault.rules for fault in FAULTS}
        name, storm = STORMS[0]
        wanted = [Wanted(row, "registers", rules[row]) for row in ROWS]
        played.play([*wanted, Wanted(name, "thinks_again", storm)])
        points = crash_points(city.proxy.seen.calls)
        played.play(of_crashes(points, DEATHS)[:1])
        played.check()
        print(last_words(city, lines=15))
    return played


def test_every_journey_ends(run: Run) -> None:
    assert [(each.name, each.wrong) for each in run.journeys if each.wrong] == []
    assert {each.row for each in run.journeys} >= set(ROWS)


def test_things_did_fail(run: Run) -> None:
    seen = {kind for _, kind in run.city.proxy.seen.faults}
    assert seen >= {Kind.RESPONSE_LOST, Kind.FIVE_TIMES}


def test_all_that_must_hold_does_hold(run: Run) -> None:
    assert [str(each) for each in run.wrong] == []
