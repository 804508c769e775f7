"""Every story of `make run` ends as it must, on the embedded city, several beside one another."""

import pytest

from infra.local.city import City
from infra.local.scenarios import hasty, outcomes
from infra.local.scenarios.plays import SCENARIOS
from infra.local.scenarios.stage import Outcome
from infra.local.scenarios.urls import Urls
from infra.local.testing import running_city


@pytest.fixture(scope="module")
def played(city: City, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """How all of them went, by name."""
    state = tmp_path_factory.mktemp("hasty")
    with running_city(state, profile=hasty.profile_of("qingdao")) as other, hasty.hurried(other):
        done = outcomes.play_all(list(SCENARIOS.values()), Urls(city.url, other.url))
    return {each.scenario.name: each for each in done}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_story_ends_as_it_must(name: str, played: dict[str, Outcome]) -> None:
    outcome = played[name]
    assert outcome.well, "\n".join((outcome.wrong, *outcome.lines))
