"""What creates, pays, deals or looks up takes a turn; beyond it 429 says when to come again."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from chepai.edge import limits
from chepai.edge.limits import LIMITS
from chepai.records.rates import Rates
from infra import declarations
from tests.claims import claims_of
from tests.functions.citizen.office import FOREIGN_VIN, Office
from tests.functions.conftest import PLACE

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def rates(city):
    return Rates(PLACE.name("rates"))


def test_a_bucket_holds_n_and_fills_evenly(rates):
    def take(after):
        return rates.take("per_1", "create", n=4, seconds=3600, now=NOW + timedelta(minutes=after))

    assert [take(0).left for _ in range(4)] == [3, 2, 1, 0]
    refused = take(0)
    assert (refused.allowed, refused.seconds) == (False, 900)
    assert not take(14).allowed
    assert take(15).allowed
    assert not take(16).allowed
    assert [take(600).allowed for _ in range(5)] == [True] * 4 + [False]


def test_one_persons_bucket_is_not_anothers(rates):
    for _ in range(3):
        assert rates.take("per_1", "guess", n=3, seconds=60, now=NOW).allowed
    assert not rates.take("per_1", "guess", n=3, seconds=60, now=NOW).allowed
    assert rates.take("per_2", "guess", n=3, seconds=60, now=NOW).allowed
    assert rates.take("per_1", "create", n=3, seconds=60, now=NOW).allowed


def test_a_turn_is_mostly_one_write(rates, monkeypatch):
    writes = []
    update = Rates.updated
    monkeypatch.setattr(Rates, "updated", staticmethod(lambda w: writes.append(w) or update(w)))
    rates.take("per_1", "create", n=20, seconds=3600, now=NOW)
    rates.take("per_1", "create", n=20, seconds=3600, now=NOW + timedelta(minutes=4))
    assert len(writes) == 2


def test_strangers_cars_run_out_at_the_fourth_and_ones_own_does_not(city, monkeypatch):
    office = Office(city, monkeypatch)
    said = [
        office.call("register_new_car", body={"vin": FOREIGN_VIN}, key=f"k{n}")[0] for n in range(5)
    ]
    assert said == [404] * 3 + [429] * 2
    assert office.file()


def test_a_clerk_looks_up_twenty_an_hour(city, monkeypatch):
    Office(city, monkeypatch)
    claim = city.function("staff", "claim_counter_code")
    event = {
        "pathParameters": {"code": "0000000000"},
        "requestContext": {"authorizer": {"jwt": {"claims": claims_of("sta_1", "clerk")}}},
    }
    answers = [claim(event) for _ in range(21)]
    assert [each["statusCode"] for each in answers] == [404] * 20 + [429]
    first, last = answers[0]["headers"], answers[-1]["headers"]
    assert first["ratelimit-policy"] == '"lookup";q=20;w=3600'
    assert first["ratelimit"] == '"lookup";r=19;t=180'
    assert 0 < int(last["retry-after"]) <= 180
    assert json.loads(answers[-1]["body"])["code"] == "VR-109"


def test_what_creates_or_pays_is_limited():
    declared = declarations.everywhere().values()
    assert {getattr(each, "limit", "") for each in declared} - {""} <= LIMITS.keys()
    assert [e.key for e in declared if getattr(e, "keyed", False) and not e.limit] == []


def test_every_limit_is_in_the_profile(city, monkeypatch):
    Office(city, monkeypatch)
    from chepai.records.cities import Cities

    for key, _ in limits.LIMITS.values():
        assert getattr(Cities.from_env().current().security, key) > 0
