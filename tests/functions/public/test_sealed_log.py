"""What anybody may ask of the sealed ledger: its checkpoint, its keys, and that it only grew."""

import json
from typing import Any

import pytest

from chepai.domain import checkpoint, merkle
from chepai.domain.digests import digest_by
from tests.functions.background.test_seal_ledger import Office
from tests.functions.conftest import City

SHA = digest_by("sha-256")


class Public:
    """Somebody without a token."""

    def __init__(self, city: City) -> None:
        self.city = city

    def ask(self, name: str, **query: str) -> tuple[int, dict[str, Any]]:
        event = {
            "requestContext": {"http": {"method": "GET"}, "requestId": "r"},
            "queryStringParameters": query,
            "headers": {},
        }
        answer = self.city.function("citizen", name)(event)
        return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def office(city: City, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(city, monkeypatch)


@pytest.fixture
def public(city: City) -> Public:
    return Public(city)


def test_before_anything_is_sealed_there_is_nothing_to_show(office, public):
    for name, query in (("read_checkpoint", {}), ("prove_consistency", {"from": "1"})):
        status, told = public.ask(name, **query)
        assert (status, told["code"]) == (404, "VR-850")


def test_a_stranger_checks_that_the_log_only_grew(office, public):
    for nth in range(5):
        office.write(f"app_{nth}")
    office.seal()
    _, kept = public.ask("read_checkpoint")
    for nth in range(4):
        office.write(f"app_{nth}")
    office.minute()
    _, now = public.ask("read_checkpoint")
    old, new = checkpoint.read(kept["checkpoint"]), checkpoint.read(now["checkpoint"])
    assert (old.size, new.size, now["root"]) == (5, 9, new.root.hex())
    assert [each["kid"] for each in now["keys"]] == ["k0"]
    assert now["sealed_at"] > kept["sealed_at"]
    status, proof = public.ask("prove_consistency", **{"from": "5"})
    assert (status, proof["new"]) == (200, 9)
    path = [bytes.fromhex(each) for each in proof["path"]]
    assert merkle.consistent(SHA, 5, 9, old.root, new.root, path)
    assert public.ask("prove_consistency", **{"from": "5", "to": "9"})[1] == proof


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"from": "0"}, "VR-851"),
        ({"from": "3"}, "VR-851"),
        ({"from": "2", "to": "1"}, "VR-851"),
        ({"from": "1", "to": "3"}, "VR-851"),
        ({}, "VR-103"),
        ({"from": "-1"}, "VR-103"),
        ({"from": "1.0"}, "VR-103"),
        ({"from": "\u0661"}, "VR-103"),
        ({"from": "1" * 400}, "VR-103"),
        ({"from": "1", "to": "x"}, "VR-103"),
    ],
)
def test_sizes_that_never_were_are_told_from_nonsense(office, public, query, code):
    office.write("app_1")
    office.write("app_2")
    office.seal()
    assert public.ask("prove_consistency", **query)[1]["code"] == code
