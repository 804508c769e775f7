"""Emulators for the tests of the local city, started once."""

from collections.abc import Iterator

import pytest

from infra.local.deploy import deploy
from infra.local.emulator import Emulator
from tests.local import small_city


def _running(state, *, close_gaps: bool) -> Iterator[Emulator]:
    with Emulator(state / "state", close_gaps=close_gaps) as aws:
        deploy(small_city.write(state / "cdk.out"), aws.client)
        yield aws


@pytest.fixture(scope="session")
def aws(tmp_path_factory) -> Iterator[Emulator]:
    """The embedded AWS as the city uses it."""
    yield from _running(tmp_path_factory.mktemp("aws"), close_gaps=True)


@pytest.fixture(scope="session")
def upstream(tmp_path_factory) -> Iterator[Emulator]:
    """Ministack as it comes."""
    yield from _running(tmp_path_factory.mktemp("upstream"), close_gaps=False)
