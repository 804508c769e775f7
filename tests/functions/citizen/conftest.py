"""An office with one citizen for every test of the citizen's functions."""

import pytest

from tests.functions.citizen.office import Office
from tests.functions.conftest import City


@pytest.fixture
def office(city: City, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(city, monkeypatch)
