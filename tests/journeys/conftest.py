"""Whole cities for journeys, started once a worker; a failure shows the city's last words."""

from collections.abc import Iterator

import pytest

from infra.local.city import City
from infra.local.scenarios.stage import Stage
from infra.local.testing import last_words, running_city


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city with the profile that citizens get."""
    with running_city(tmp_path_factory.mktemp("city")) as running:
        yield running
        print(last_words(running, lines=25))


@pytest.fixture
def stage(city: City, request: pytest.FixtureRequest) -> Stage:
    """Somewhere to file applications; what happens there is shown when the test fails."""
    return Stage(city.url, request.node.name, says=print)
