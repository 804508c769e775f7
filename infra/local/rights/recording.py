"""Cities whose functions are watched: every scenario is played, and what was called is read."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.city import City
from infra.local.rights import matrix, used
from infra.local.rights.matrix import Right
from infra.local.rights.used import Record
from infra.local.scenarios import hasty, outcomes
from infra.local.scenarios.plays import SCENARIOS
from infra.local.scenarios.stage import Outcome
from infra.local.scenarios.urls import Urls
from infra.local.testing import running_city
from infra.place import Place


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


def of_tests(file: Path) -> Record:
    """What the functions' own tests noted: their AWS is a simulated one with other identifiers.

    A key or a machine of theirs is taken for the one to which the function has that right.
    """
    entries, prefix = matrix.entries(), Place("sandbox", "qingdao").name("")
    found = used.read(file, prefix, {})
    named: dict[str, Counter[Right]] = {}
    for function, times in found.used.items():
        has = matrix.granted(function, entries[function]) if function in entries else frozenset()
        named[function] = Counter()
        for right, often in times.items():
            for meant in _meant(right, has):
                named[function][meant] += often
    return Record(named)


def _meant(right: Right, has: frozenset[Right]) -> list[Right]:
    if right in has or right.resource.startswith(("table/", "queue/", "bucket/")):
        return [right]
    if "secret:" in right.resource:
        named = right.resource.rpartition("secret:")[2]
        return [each for each in has if f"-{each.resource.partition('/')[2]}-" in f"-{named}"]
    return [each for each in has if each.action == right.action]
