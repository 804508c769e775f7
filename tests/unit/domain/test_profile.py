"""A city's profile: Qingdao's holds, a wrong one is refused with every fault, key and reason."""

import copy
import re
import tomllib
from datetime import date, timedelta
from typing import Any

import pytest

from chepai.domain import periods, vin
from chepai.domain.calendar import WorkCalendar
from chepai.domain.facts import AGENCIES, FactKind
from chepai.domain.fees import FeeItem, price
from chepai.domain.manufacturers import MakerStatus
from chepai.domain.periods import Deadline, Unit
from chepai.domain.profile import SECTIONS, CityProfile, Span, digest
from infra import profile_check
from infra.profile_check import CITIES, Fault, ProfileRefused, check, load, publishable, schema

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def qingdao():
    return load(CITIES / "qingdao.toml")


@pytest.fixture
def document():
    return tomllib.loads((CITIES / "qingdao.toml").read_text("utf-8"))


def faults_of(document: dict[str, Any]) -> dict[str, str]:
    return {fault.key: fault.reason for fault in check(document).faults}


def test_every_city_s_profile_can_be_published():
    for path in CITIES.glob("*.toml"):
        assert load(path).version.startswith(path.stem)


def test_the_profile_says_what_the_office_is(qingdao):
    assert qingdao.city.name == "青岛"
    assert qingdao.plate.issuing == ("鲁B", "鲁U")
    assert qingdao.numsel.batches * qingdao.numsel.batch_size == 50
    assert qingdao.limits.first_registration == Span(n=2, unit=Unit.WORKDAY)
    assert qingdao.newcar.auto_review.sample_basis_points == 500
    assert qingdao.inspection.sites[0].site_id == "vmo-main"
    assert qingdao.links.tax[0].url.startswith("https://")
    assert qingdao.valid_from == date(2026, 1, 1)


def test_every_section_is_taken_over(qingdao):
    for name, section in SECTIONS.items():
        if name != "manufacturers":
            assert isinstance(getattr(qingdao, name), section), name


def test_every_value_has_its_basis_and_assumed_ones_are_to_be_confirmed(qingdao):
    assert qingdao.bases["newcar.max_age_months_without_test"] == ("law", "R164 Art. 11")
    assert qingdao.bases["limits.first_registration"].basis == "law"
    assert "numsel.hold" in qingdao.to_be_confirmed()
    assert "limits.first_registration" not in qingdao.to_be_confirmed()
    for name, section in SECTIONS.items():
        for field in section.__annotations__:
            key = f"{name}.{field}"
            assert any(each == key or each.startswith(key + ".") for each in qingdao.bases), key


def test_a_published_profile_does_not_change(qingdao):
    with pytest.raises(AttributeError, match="does not change"):
        qingdao.fees.courier_fen = 0
    assert qingdao.fees.but(courier_fen=1) != qingdao.fees
    assert qingdao.fees.but() == qingdao.fees
    assert "courier_fen=2000" in repr(qingdao.fees)
    odd: dict[str, Any] = {"n": 1, "unit": Unit.DAY, "m": 1}
    with pytest.raises(TypeError, match="missing or unknown: m"):
        Span(**odd)


def test_the_digest_stands_for_the_whole_body(qingdao):
    body = publishable(CITIES / "qingdao.toml")
    assert qingdao.digest() == digest(body) == CityProfile.of(copy.deepcopy(body)).digest()
    body["fees"]["courier_fen"] = 1
    assert digest(body) != qingdao.digest()


def test_every_kind_of_partner_has_its_terms(qingdao):
    kinds = {source.partner_kind for source in AGENCIES.values() if source.partner_kind}
    assert kinds <= qingdao.partners.keys()


def test_every_wait_of_the_workflows_has_its_patience(qingdao):
    folder = CITIES.parent / "infra" / "workflows"
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    waits = set(re.findall(r'(?:wait|check)\(\s*"([a-z_]+)"', source))
    assert waits
    assert waits <= qingdao.patience.of_steps().keys()


def test_facts_are_used_again_as_long_as_the_profile_says(qingdao):
    assert qingdao.ttl(FactKind.INVOICE) == timedelta(hours=1)
    assert qingdao.ttl(FactKind.VEHICLE_STATUS) == timedelta(0)
    assert qingdao.ttl(FactKind.PRE_INSPECTION) is None


def test_limits_are_counted_in_the_city_s_calendar(qingdao):
    eve = date(2025, 9, 30)
    assert qingdao.last_day("first_registration", eve) == date(2025, 10, 10)
    assert qingdao.last_day("correction", eve) == date(2025, 10, 30)
    assert qingdao.hold_end(eve) == Deadline(date(2025, 10, 11))
    assert qingdao.temporary_plate_end(eve, registered=True) == Deadline(date(2025, 10, 14))
    assert qingdao.temporary_plate_end(eve, registered=False) == Deadline(date(2025, 10, 29))
    assert qingdao.deadline("first_registration", date(2098, 12, 31)).provisional


def test_missing_wrong_and_unknown_values_are_told_all_at_once(document):
    del document["fees"]["plate_pair_fen"]
    del document["courier"]
    document["fees"]["courier_fee"] = 1
    document["numsel"]["batches"] = "five"
    document["numsel"]["hold"] = {"n": 0, "unit": "WEEK"}
    document["plate"]["issuing"] = {"value": ["鲁I"], "basis": "notice", "source": "x"}
    document["surprise"] = {"_basis": "law", "_source": "x", "on": True}
    document["identity"]["face_only"] = True
    document["partners"]["tax"]["attempts"] = 0
    faults = faults_of(document)
    assert {
        "fees.plate_pair_fen",
        "courier",
        "fees.courier_fee",
        "numsel.batches",
        "numsel.hold.n",
        "numsel.hold.unit",
        "plate.issuing.0",
        "surprise",
        "identity.face_only",
        "partners.tax.attempts",
    } == faults.keys()
    assert all(faults.values())


@pytest.mark.parametrize(
    ("section", "name", "value", "reason"),
    [
        ("limits", "first_registration", {"n": 3, "unit": "WORKDAY"}, "allows 2 WORKDAY at most"),
        ("limits", "first_registration", {"n": 2, "unit": "DAY"}, "counts in WORKDAY"),
        ("limits", "certificate_reissue", {"n": 2, "unit": "WORKDAY"}, "allows 1"),
        ("limits", "appeal", {"n": 30, "unit": "DAY"}, "may not shorten"),
        ("temporary_plate", "waiting", {"n": 16, "unit": "DAY"}, "allows 15"),
        ("temporary_plate", "unregistered", {"n": 31, "unit": "DAY"}, "allows 30"),
    ],
)
def test_what_the_law_fixes_may_only_move_one_way(document, section, name, value, reason):
    document[section][name] = {"value": value, "basis": "law", "source": "the city"}
    assert reason in faults_of(document)[f"{section}.{name}"]


def test_a_limit_of_the_law_may_be_shortened(document):
    document["limits"]["first_registration"]["value"] = {"n": 1, "unit": "WORKDAY"}
    assert not faults_of(document)


@pytest.mark.parametrize(
    ("section", "name", "value", "key"),
    [
        ("newcar", "max_age_months_without_test", 25, "newcar.max_age_months_without_test"),
        ("temporary_plate", "times_max", 4, "temporary_plate.times_max"),
        ("privacy", "log_days", 179, "privacy.log_days"),
        ("privacy", "face_days", 8, "privacy.face_days"),
        ("plate", "pure_letters", "AD", "plate.pure_letters"),
        ("plate", "ordinary_patterns", ["LLLDD"], "plate.ordinary_patterns"),
        ("plate", "reserved_patterns", ["("], "plate.reserved_patterns"),
        ("plate", "reserved_patterns", ["x*"], "plate.reserved_patterns"),
        ("plate", "issuing", ["鱼B"], "plate.issuing"),
        ("numsel", "self_composed_forbidden", ["["], "numsel.self_composed_forbidden"),
        ("inspection", "opens", "18:00", "inspection.closes"),
        ("inspection", "opens", "29:00", "inspection.closes"),
        ("identity", "methods", ["FACE", "FACE"], "identity.methods"),
        ("verification", "ttl_seconds", {"F99": 1}, "verification.ttl_seconds.F99"),
        ("fees", "waived", ["EVERYTHING"], "fees.waived.0"),
        ("links", "tax", [{"title": "a", "title_en": "b", "url": "http://x"}], "links.tax.0.url"),
    ],
)
def test_a_value_that_cannot_be_is_named(document, section, name, value, key):
    document[section][name] = value
    assert key in faults_of(document)


def test_a_value_without_basis_or_source_is_named(document):
    del document["risk"]["_basis"]
    document["fees"]["courier_fen"] = {"value": 1, "basis": "law"}
    document["fees"]["waived"] = {"value": [], "basis": "guess", "because": "x"}
    faults = check(document).faults
    assert Fault("risk.transfers_max", "no basis: say one of law, notice, assumed") in faults
    assert Fault("fees.courier_fen", "basis law needs its source: the article or notice") in faults
    assert Fault("fees.waived", "unknown beside the value: because") in faults


@pytest.mark.parametrize(
    ("off", "worked", "reason"),
    [
        ({"a": "2026-02-30"}, {}, "day"),
        ({"a": "2026-02-23/2026-02-15"}, {}, "ends before"),
        ({"a": "2026-02-14"}, {"a": "2026-02-14"}, "both off and worked"),
        ({"a": "2025-02-14"}, {}, "no holiday of this year"),
        ({"a": "2026-02-16"}, {"a": "2026-02-17"}, "no week-end"),
    ],
)
def test_a_notice_that_cannot_be_right_is_named(document, off, worked, reason):
    document["calendar"]["years"]["2026"] |= {"off": off, "worked": worked}
    assert reason in faults_of(document)["calendar.years.2026"]


def test_heading_and_doubles_are_checked(document):
    document |= {"format": 2, "version": "Qingdao 1"}
    del document["valid_from"]
    document["manufacturers"]["makers"].append(document["manufacturers"]["makers"][0])
    document["inspection"]["sites"].append(document["inspection"]["sites"][0])
    document["partners"]["tax"]["first_retry_seconds"] = 1000
    keys = faults_of(document).keys()
    assert {
        "format",
        "version",
        "valid_from",
        "manufacturers.makers",
        "inspection.sites",
        "partners.tax.last_retry_seconds",
    } == keys


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("[city\n", "utf-8")
    for path in (broken, tmp_path / "none.toml"):
        with pytest.raises(ProfileRefused) as refused:
            load(path)
        assert refused.value.faults[0].key == path.name


def test_the_command_names_faults_and_says_so_with_its_status(tmp_path, monkeypatch, capsys):
    assert profile_check.main(["--to-confirm"]) == 0
    assert "numsel.hold" in capsys.readouterr().out
    (tmp_path / "nowhere.toml").write_text("format = 1\n", "utf-8")
    monkeypatch.setattr(profile_check, "CITIES", tmp_path)
    assert profile_check.main([]) == 1
    assert "nowhere.toml is refused" in capsys.readouterr().out


def test_the_readme_shows_the_schema_that_is_checked(capsys):
    _, shown = (CITIES / "README.md").read_text("utf-8").split("--schema -->\n")
    assert shown.strip() == schema().strip()
    assert profile_check.main(["--schema"]) == 0


def test_thirty_makers_are_connected_and_three_are_not(qingdao):
    states = [maker.status for maker in qingdao.manufacturers]
    assert states.count(MakerStatus.CONNECTED) == 30
    assert states.count(MakerStatus.NOT_CONNECTED) == len(states) - 30 == 3


@pytest.mark.parametrize("text", ["LZWADAGA1SB000123", "LFMAPE2GXS0000045", "lzwadaga1sb000123"])
def test_a_car_of_a_connected_maker(qingdao, text):
    assert qingdao.manufacturers.connected(text, TODAY)
    maker = qingdao.maker_of(text)
    assert qingdao.manufacturers.speaks_for(maker.code, text)
    assert qingdao.manufacturers.named(maker.code) is maker


def test_a_car_of_a_maker_that_is_not_connected(qingdao):
    unconnected = "LXAADAGA1TB000124"
    assert vin.why_invalid(unconnected) is None
    assert qingdao.maker_of(unconnected).code == "example-ocean"
    assert not qingdao.manufacturers.connected(unconnected, TODAY)
    assert qingdao.maker_of("1M8GDM9AXKP042788") is None
    assert not qingdao.manufacturers.connected("1M8GDM9AXKP042788", TODAY)


def test_a_maker_speaks_only_for_its_own_cars(qingdao):
    for maker in qingdao.manufacturers:
        for other in qingdao.manufacturers:
            for prefix in other.prefixes:
                text = prefix + "ADAGA1SB000123"
                assert qingdao.manufacturers.speaks_for(maker.code, text) is (maker is other)
    assert not qingdao.manufacturers.speaks_for("sgmw", "1M8GDM9AXKP042788")
    assert not qingdao.manufacturers.speaks_for("sgmw", "")
    assert qingdao.manufacturers.named("nobody") is None


def test_a_maker_counts_from_its_first_day_until_it_is_suspended(qingdao):
    maker = qingdao.manufacturers.named("nio")
    assert not maker.connected_on(maker.go_live - timedelta(1))
    assert maker.connected_on(maker.go_live)
    suspended = maker._replace(status=MakerStatus.SUSPENDED)
    assert not suspended.connected_on(TODAY)
    alone = type(qingdao.manufacturers)([suspended])
    assert not alone.speaks_for("nio", maker.prefixes[0] + "ADAGA1SB000123")
    assert len(alone) == 1


def test_the_longest_prefix_wins(qingdao):
    whole = qingdao.manufacturers.named("byd")
    small = whole._replace(code="small", prefixes=("LGXAB",))
    registry = type(qingdao.manufacturers)([whole, small])
    assert registry.maker_of("LGXABAGA1SB000123").code == "small"
    assert registry.maker_of("LGXACAGA1SB000123").code == "byd"


def test_the_bill_of_a_new_car(qingdao):
    bill = price("new_car", qingdao.fees)
    assert [(line.item, line.amount_fen) for line in bill.lines] == [
        (FeeItem.PLATE_PAIR, 10_000),
        (FeeItem.REGISTRATION_CERTIFICATE, 1_000),
        (FeeItem.VEHICLE_LICENCE, 1_000),
        (FeeItem.COURIER, 2_000),
    ]
    assert bill.total_fen == 14_000


@pytest.mark.parametrize(
    ("service", "terms", "total"),
    [
        ("certificate_reissue", {}, 3_000),
        ("certificate_reissue", {"picked_up": True}, 1_000),
        ("new_car", {"temporary_plates": 1}, 14_500),
        ("new_car", {"parcels": 2}, 16_000),
        ("new_car", {"waived": (FeeItem.PLATE_PAIR,)}, 4_000),
    ],
)
def test_what_a_service_costs(qingdao, service, terms, total):
    assert price(service, qingdao.fees, **terms).total_fen == total


def test_a_waived_item_stays_on_the_bill_with_nothing_to_pay(qingdao):
    fees = qingdao.fees.but(waived=(FeeItem.COURIER,))
    bill = price("new_car", fees)
    assert bill.lines[-1].waived
    assert bill.total_fen == 12_000
    by_city = price("new_car", qingdao.fees.but(courier_paid_by_owner=False))
    assert FeeItem.COURIER not in {line.item for line in by_city.lines}
    with pytest.raises(KeyError):
        price("unknown", qingdao.fees)


def test_the_calendar_of_the_profile_agrees_with_the_library(qingdao):
    library = WorkCalendar()
    for year in (2024, 2025, 2026):
        for day in (date(year, 1, 1) + timedelta(each) for each in range(365)):
            assert qingdao.work_calendar.is_workday(day) == library.is_workday(day), day


def test_limits_of_law_name_rules_that_are_in_force(qingdao):
    for limit in ("first_registration", "certificate_reissue"):
        assert qingdao.bases[f"limits.{limit}"].source in {each.source for each in periods.RULES}
