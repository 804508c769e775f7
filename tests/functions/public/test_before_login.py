"""What everyone may ask before signing in: the published values and the rules, nobody's data."""

import json
from hashlib import sha256

import pytest

from tests.functions.citizen.office import SECRET, VIN, Office
from tests.functions.conftest import City

NOT_CONNECTED = "LXAAA4182E2184847"
IN_ORDER = {
    "vin": "LSVAA4182E2184847",
    "origin": "DOMESTIC",
    "vehicle_class": "SMALL_PASSENGER",
    "energy": "PETROL",
    "use_character": "A",
    "pre_inspected": True,
    "accident": False,
    "left_factory_on": "2026-05-01",
    "invoice_kind": "NEW_VEHICLE",
    "refusal_grounds": [],
}


@pytest.fixture
def office(city: City, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(city, monkeypatch)


def ask(office: Office, name: str, **more):
    status, answer = office.call(name, person=None, **more)
    assert status == 200, answer
    return answer


def states(answer) -> dict[str, str]:
    return {each["asks"]: each["state"] for each in answer["conditions"]}


def test_every_service_tells_fee_limit_and_that_nothing_is_to_be_brought(office):
    found = {each["service"]: each for each in ask(office, "list_services")["services"]}
    car = found["new_car"]
    assert car["fee_fen"] == sum(line["amount_fen"] for line in car["fees"]) == 14000
    assert car["limit"]["n"] == 2
    assert car["limit"]["ground"]["source"] == "R164 Art. 12"
    assert car["text"]["en"]["materials"].startswith("None")
    assert ask(office, "read_service", service="new_car") == car
    assert found["certificate_reissue"]["limit"]["n"] == 1


def test_a_service_that_nobody_knows_is_not_there(office):
    status, refused = office.call("read_service", person=None, service="teleport")
    assert (status, refused["code"]) == (404, "VR-107")


def test_links_lead_out_and_back(office):
    found = {each["purpose"]: each for each in ask(office, "list_links")["purposes"]}
    assert set(found) == {"cars", "insurance", "tax"}
    for each in found.values():
        assert each["links"]
        assert each["check_again"] == "/v1/eligibility-checks"
        assert "come back and check again" in each["text"]["en"]["detail"]


def test_thirty_makers_are_connected_and_three_are_not(office):
    found = ask(office, "list_manufacturers")
    assert found["connected"] == 30
    assert [m["code"] for m in found["makers"] if m["status"] != "connected"] == [
        "example-ocean", "example-spring", "example-river",
    ]  # fmt: skip


def test_a_maker_that_goes_live_later_is_not_connected_yet(office):
    from datetime import date

    from chepai.edge.informing import makers
    from chepai.records.cities import Cities

    found = makers(Cities.from_env().current(), date(2025, 12, 31))
    assert {m.status for m in found.makers if m.code == "nio"} == {"not_connected"}


def test_the_city_tells_its_values_and_which_are_to_be_confirmed(office):
    found = ask(office, "read_city")
    fee = found["sections"]["fees"]["plate_pair_fen"]
    assert (fee["value"], fee["ground"]["basis"]) == (10000, "notice")
    assert "numsel.batches" in found["to_be_confirmed"]
    assert "fees.plate_pair_fen" not in found["to_be_confirmed"]
    assert found["sections"]["newcar"]["auto_review.enabled"]["value"] is True
    for section in found["sections"].values():
        assert all(each["ground"] for each in section.values())


def test_thresholds_of_suspicion_are_nobody_s_to_read(office):
    text = json.dumps(ask(office, "read_city"))
    for name in ("risk", "transfers_max", "device_principals_max", "max_per_year", "cooloff_days"):
        assert f'"{name}"' not in text


def test_a_car_in_order_can_be_done_online(office):
    found = ask(office, "check_eligibility", body=IN_ORDER)
    assert found["way"] == "online"
    assert set(states(found).values()) == {"holds"}


def test_what_is_not_said_stays_unknown(office):
    found = ask(office, "check_eligibility", body={})
    assert found["way"] == "unknown"
    assert set(states(found).values()) <= {"unknown", "holds"}
    assert "holds" not in {v for k, v in states(found).items() if k != "quota"}


def test_a_condition_that_fails_comes_with_the_card_of_the_decision(office):
    for says, way, fails, code in (
        ({"origin": "IMPORTED"}, "not_here", "origin", "F03-ORIGIN"),
        ({"vin": NOT_CONNECTED}, "on_site", "maker_connected", "F05-MAKER-NOT-CONNECTED"),
        ({"accident": True}, "on_site", "accident", "F05-ACCIDENT"),
        ({"refusal_grounds": [9]}, "not_here", "article_15", "F10-STOLEN"),
        ({"banned_until": "2999-01-01"}, "not_here", "ban", "A08-BANNED"),
    ):
        found = ask(office, "check_eligibility", body=IN_ORDER | says)
        assert found["way"] == way
        (failed,) = [each for each in found["conditions"] if each["state"] == "fails"]
        assert failed["asks"] == fails
        assert failed["reason"]["code"] == code
        assert failed["reason"]["texts"]["what"]["zh-CN"]["title"]


def test_what_cannot_be_is_told_with_its_field(office):
    for says, field in (
        ({"vin": "LSVAA4182E2184848"}, "vin"),
        ({"refusal_grounds": [11]}, "refusal_grounds.0"),
        ({"energy": "STEAM"}, "energy"),
        ({"name": "somebody"}, "name"),
        ({"left_factory_on": "yesterday"}, "left_factory_on"),
    ):
        status, refused = office.call("check_eligibility", person=None, body=IN_ORDER | says)
        assert (status, refused["code"]) == (422, "VR-103")
        assert refused["fields"][0]["field"] == field


def test_an_open_segment_shows_its_commitment_and_never_its_secret(office):
    (segment,) = ask(office, "list_number_segments")["segments"]
    assert segment["commitment"] == sha256(SECRET).hexdigest()
    assert SECRET.hex() not in json.dumps(segment)
    assert not {"secret", "sealed", "skips"} & segment.keys()


def test_a_closed_segment_shows_the_secret_that_it_was_bound_to(office):
    from chepai.records.numbers import Numbers

    Numbers.from_env().close_segment("02", "02-B-1", SECRET.hex())
    (segment,) = ask(office, "list_number_segments")["segments"]
    assert sha256(bytes.fromhex(segment["secret"])).hexdigest() == segment["commitment"]
    assert "sealed" not in segment


def test_nobody_has_to_be_anybody(office):
    assert VIN not in json.dumps(ask(office, "list_services"))
