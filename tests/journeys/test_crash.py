"""A city that is killed in the middle of an application goes on with it when it comes up again."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.local.city import City
from infra.local.emulator import CHECKPOINT_SECONDS
from infra.local.scenarios.owner import Owner
from infra.local.scenarios.stage import Stage
from infra.local.testing import running_city


class Fragile:
    """A city that can be killed and comes back at the same address, with what it had written."""

    def __init__(self, state: Path, stack: ExitStack) -> None:
        self._state = state
        self._stack = stack
        self.city: City = stack.enter_context(running_city(state))

    def crashes(self) -> None:
        # What is not older than a checkpoint may be lost, as on a machine that loses its power.
        time.sleep(2 * CHECKPOINT_SECONDS)
        port = urlsplit(self.city.url).port or 0
        self.city.aws.kill()
        self._stack.close()
        self.city = self._stack.enter_context(running_city(self._state, port=port))


@pytest.fixture
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fragile]:
    with ExitStack() as stack:
        yield Fragile(tmp_path_factory.mktemp("fragile"), stack)


def test_a_killed_city_goes_on_to_the_end(fragile: Fragile) -> None:
    stage = Stage(fragile.city.url, "crash", says=print)
    owner = Owner(stage, stage.sandbox.car(script={"police": {"delay": 10}}))
    waits: list[tuple[str, Callable[[], object]]] = [
        ("in the checks", owner.registers),
        ("before the register", lambda: owner.reaches("approved", "registering", "in_production")),
    ]
    for where, until in waits:
        until()
        stage.tell(f"killed {where}")
        fragile.crashes()
        stage.tell("up again")
    case = owner.reaches("closed")
    assert case["number"]
    assert [each["number"] for each in owner.vehicles()] == [case["number"]]
