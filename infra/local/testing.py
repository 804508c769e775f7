"""A city for tests: the whole of it, on free ports, forgotten afterwards.

@pytest.fixture(scope="session")
def city(tmp_path_factory):
    with running_city(tmp_path_factory.mktemp("city")) as city:
        yield city

`city.url` is its one address, `city.client("dynamodb")` a boto3 client of its AWS.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.city import City
from infra.local.emulator import ROOT


@contextmanager
def running_city(
    state: Path,
    *,
    enforce_roles: bool = True,
    assembly: Path | None = None,
    profile: Mapping[str, Any] | None = None,
    port: int = 0,
    pages: bool = False,
    record: Path | None = None,
) -> Iterator[City]:
    """A started city with its state in `state`; stopped by its own process id at the end.

    `enforce_roles`: every function and machine may do what its role allows and nothing else, as
    in a real account. `profile`: a checked one in place of the city's file. `port`: the front
    door's, any free one by default. `record`: a file in which every call of a function to AWS is
    noted, as `infra.local.rights` reads it.
    """
    told: list[str] = []
    city = City(
        state,
        port=port,
        assembly=(lambda: assembly) if assembly else None,
        enforce_roles=enforce_roles,
        profile=profile,
        pages=pages,
        record=record,
        say=told.append,
    )
    try:
        city.start()
    except BaseException as failed:
        failed.add_note("\n".join(told))
        raise
    try:
        yield city
    finally:
        city.stop()


def last_words(city: City, lines: int = 40) -> str:
    """The end of the embedded AWS's own log, for a failing test to show."""
    text = city.aws.log_file.read_text(errors="replace")
    return "\n".join(text.replace(str(ROOT), ".").splitlines()[-lines:])
