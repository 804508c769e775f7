"""The stories of `make run` end as they must, on the embedded city, several beside one another.

`make test` plays those that show a way of their own; `make test-slow` plays them all.
"""

import os
from pathlib import Path

import pytest

from chepai.domain.invariants import Violation
from infra import check_city, verify_city
from infra.export_ledger import Export
from infra.local.city import City
from infra.local.scenarios import hasty, outcomes
from infra.local.scenarios.plays import SCENARIOS
from infra.local.scenarios.stage import Outcome
from infra.local.scenarios.urls import Urls
from infra.local.testing import running_city

# The way of each is another story's too, or it waits for minutes.
_SLOWER = {
    "new-energy", "maker-not-connected", "callback-lost", "register-late", "operator-resumes",
    "returned-parcel", "figures", "hotline-complaint",
}  # fmt: skip
PLAYED = [name for name in SCENARIOS if os.environ.get("STORIES") == "all" or name not in _SLOWER]

Played = tuple[dict[str, Outcome], list[Violation]]


@pytest.fixture(scope="module")
def played(city: City, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """How all of them went, by name, and what is wrong in the two cities' records afterwards."""
    state = tmp_path_factory.mktemp("hasty")
    with running_city(state, profile=hasty.profile_of("qingdao")) as other, hasty.hurried(other):
        done = outcomes.play_all([SCENARIOS[name] for name in PLAYED], Urls(city.url, other.url))
        wrong = [
            each for one in (city, other) for each in check_city.check(one.place, one.client)[1]
        ]
    return {each.scenario.name: each for each in done}, wrong


@pytest.mark.parametrize("name", PLAYED)
def test_the_story_ends_as_it_must(name: str, played: Played) -> None:
    outcome = played[0][name]
    assert outcome.well, "\n".join((outcome.wrong, *outcome.lines))


def test_a_stranger_finds_all_of_it_whole(city: City, played: Played, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    told: list[str] = []
    Export(city.place, city.client, folder, say=told.append).write(city.url)
    bundles = list((folder / "bundles").glob("*.json"))
    assert len(bundles) >= 5, told
    assert list((folder / "checkpoints").iterdir()), told
    for check in verify_city.checks(folder, tmp_path / "kept"):
        result = verify_city.run(check)
        assert result.status == verify_city.GOOD, (check.title, result.said)


def test_all_that_must_hold_of_the_records_does_hold(played: Played) -> None:
    assert [str(each) for each in played[1]] == []
