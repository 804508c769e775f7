"""Cities whose functions are watched: every scenario is played, and what was called is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.city import City
from infra.local.rights import used
from infra.local.rights.used import Record
from infra.local.scenarios import hasty, outcomes
from infra.local.scenarios.plays import SCENARIOS
from infra.local.scenarios.stage import Outcome
from infra.local.scenarios.urls import Urls
from infra.local.testing import running_city


@contextmanager
def watched_cities(folder: Path) -> Iterator[tuple[City, City]]:
    """The city and the hasty one, each with a record of its calls in its own folder."""
    with (
        running_city(folder / "city", record=folder / "city.calls") as usual,
        running_city(
            folder / "hasty", profile=hasty.profile_of("qingdao"), record=folder / "hasty.calls"
        ) as other,
    ):
        yield usual, other


def play_all(cities: tuple[City, City]) -> list[Outcome]:
    """Every scenario, several at once."""
    usual, other = cities
    return outcomes.play_all(list(SCENARIOS.values()), Urls(usual.url, other.url))


def record_of(folder: Path, cities: tuple[City, City]) -> Record:
    """What the functions of both called so far."""
    return used.together(
        used.read(folder / f"{name}.calls", city.place.name(""), identifiers(city))
        for name, city in zip(("city", "hasty"), cities, strict=True)
    )


def identifiers(city: City) -> dict[str, str]:
    """What AWS named itself in this city: ARN → our name, as in "key/people"."""
    pages = city.client("ssm").get_paginator("get_parameters_by_path")
    path = city.place.parameter("")
    return {
        each["Value"]: each["Name"].removeprefix(path)
        for page in pages.paginate(Path=path, Recursive=True)
        for each in page["Parameters"]
    }
