"""A command finds a city of this machine by its one address, while it lives and no longer."""

import argparse
from pathlib import Path

import pytest

from infra import reaching
from infra.local import city

SAID = argparse.Namespace(aws=False, state=None)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(city, "gettempdir", lambda: str(tmp_path))
    return tmp_path


def test_a_city_is_found_by_its_address_while_it_lives(elsewhere: Path) -> None:
    state, url = elsewhere / "state", "http://127.0.0.1:18765"
    with city.alone(state):
        city.announce(state, url=url, pid=1, endpoint="http://127.0.0.1:4566")
        for said in (url, f"{url}/", "http://LOCALHOST:18765"):
            _, client = reaching.reached(SAID, said)
            assert client("sqs").meta.endpoint_url == "http://127.0.0.1:4566"
        with pytest.raises(reaching.NoCity, match="18766"):
            reaching.reached(SAID, "http://127.0.0.1:18766")
    with pytest.raises(reaching.NoCity):
        reaching.reached(SAID, url)
