"""The gate to the online service: the same answers before login and in the decision."""

from datetime import date

import pytest

from chepai.domain import gate
from chepai.domain.facts import FactKind
from chepai.domain.gate import Known, Way, assess
from tests.unit.domain.cases import NOW, VIN, fact, profile, weighed

K = FactKind
TODAY = date(2026, 6, 10)
ALL_KNOWN = Known(
    origin="DOMESTIC",
    vehicle_class="SMALL_PASSENGER",
    energy="PETROL",
    use_character="A",
    vin=VIN,
    pre_inspected=True,
    accident=False,
    left_factory_on=date(2026, 5, 1),
    invoice_kind="NEW_VEHICLE",
    refused_on=(),
)


def _way(known: Known, **newcar: bool) -> Way:
    return assess(known, today=TODAY, profile=profile(**newcar)).way


def test_all_conditions_hold():
    assert _way(ALL_KNOWN) is Way.ONLINE


def test_nothing_known_promises_nothing():
    assert _way(Known()) is Way.UNKNOWN


@pytest.mark.parametrize(
    "name",
    [
        "origin",
        "vehicle_class",
        "energy",
        "use_character",
        "vin",
        "pre_inspected",
        "accident",
        "left_factory_on",
        "invoice_kind",
        "refused_on",
    ],
)
def test_one_unknown_condition_keeps_the_promise_back(name):
    assert _way(ALL_KNOWN._replace(**{name: None})) is Way.UNKNOWN


@pytest.mark.parametrize(
    ("differs", "way", "ground"),
    [
        ({"origin": "IMPORTED"}, Way.NOT_HERE, gate.IMPORTED),
        ({"vehicle_class": "LARGE_PASSENGER"}, Way.NOT_HERE, gate.OTHER_CLASS),
        ({"energy": "STEAM"}, Way.NOT_HERE, gate.ENERGY_CLOSED),
        ({"use_character": "F"}, Way.NOT_HERE, gate.OPERATING_USE),
        ({"vin": "LZZ1ELSEXLW644557"}, Way.ON_SITE, gate.MAKER_NOT_CONNECTED),
        ({"left_factory_on": date(2024, 6, 9)}, Way.ON_SITE, gate.TOO_OLD),
        ({"accident": True}, Way.ON_SITE, gate.HAD_ACCIDENT),
        ({"invoice_kind": "USED_VEHICLE"}, Way.NOT_HERE, gate.OTHER_PROOF),
        ({"refused_on": (gate.OTHER_PROOF,)}, Way.NOT_HERE, gate.OTHER_PROOF),
        ({"banned_until": TODAY}, Way.NOT_HERE, gate.BANNED),
    ],
)
def test_one_failed_condition_decides_and_says_why(differs, way, ground):
    found = assess(ALL_KNOWN._replace(**differs), today=TODAY, profile=profile())
    assert (found.way, found.failed) == (way, (ground,))


def test_a_ban_is_over_after_its_last_day():
    assert _way(ALL_KNOWN._replace(banned_until=date(2026, 6, 9))) is Way.ONLINE


def test_quota_counts_only_where_the_city_has_one():
    verified = ALL_KNOWN._replace(quota_verified=True)
    assert _way(ALL_KNOWN, quota_enabled=True) is Way.UNKNOWN
    assert _way(verified, quota_enabled=True) is Way.ONLINE
    assert _way(ALL_KNOWN._replace(quota_verified=False), quota_enabled=True) is Way.NOT_HERE


def test_new_energy_only_where_the_city_takes_it():
    electric = ALL_KNOWN._replace(energy="PURE_ELECTRIC")
    assert _way(electric) is Way.ONLINE
    assert _way(electric, allow_nev=False) is Way.NOT_HERE


@pytest.mark.parametrize(
    ("left", "months", "too_old"),
    [
        (date(2024, 6, 10), 24, False),
        (date(2024, 6, 9), 24, True),
        (date(2025, 6, 10), 12, False),
        (date(2025, 6, 9), 12, True),
        (date(2024, 2, 29), 24, True),
    ],
)
def test_months_since_the_factory(left, months, too_old):
    city = profile(max_age_months_without_test=months)
    assert gate.is_too_old(left, TODAY, city) is too_old


def test_the_last_day_of_february_stands_in_for_the_29th():
    assert not gate.is_too_old(date(2024, 2, 29), date(2026, 2, 28), profile())
    assert gate.is_too_old(date(2024, 2, 29), date(2026, 3, 1), profile())


@pytest.mark.parametrize(
    ("kind", "differs", "known"),
    [
        (K.CERTIFICATE, {"origin": "IMPORTED"}, {"origin": "IMPORTED"}),
        (K.CERTIFICATE, {"vehicle_class": "BUS"}, {"vehicle_class": "BUS"}),
        (
            K.CERTIFICATE,
            {"left_factory_on": "2023-01-01"},
            {"left_factory_on": date(2023, 1, 1)},
        ),
        (K.PRE_INSPECTION, {"accident": True}, {"accident": True}),
        (K.INVOICE, {"kind": "USED_VEHICLE"}, {"invoice_kind": "USED_VEHICLE"}),
    ],
)
def test_the_decision_gives_the_reasons_of_the_pre_check(kind, differs, known):
    before = assess(ALL_KNOWN._replace(**known), today=TODAY, profile=profile())
    after = weighed(fact(kind, **differs))
    assert [ground.code for ground in before.failed] == [card.code for card in after.reasons]
    assert NOW.date() == TODAY
