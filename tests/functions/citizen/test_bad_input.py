"""Whatever is sent: a clear 4xx with a code, never a 5xx, nothing told of others."""

from typing import Any

import pytest

from tests.functions.citizen.office import FOREIGN_VIN, OTHER, PERSON, VIN, Office

OF_A_CASE: dict[str, dict[str, Any] | None] = {
    "read_application": None,
    "read_progress": None,
    "read_receipt": None,
    "sign_application": {"digest": "0" * 64, "declared_true": True},
    "offer_numbers": {"mode": "elder"},
    "read_offer": None,
    "choose_number": {"number": "鲁B12345"},
    "order_payment": None,
    "keep_delivery_address": {"address": "山东省青岛市市南区示例路1号"},
    "correct_entries": {"entries": {"use_character": "A"}},
    "dispute_fact": {"kind": "F06", "reason": "OTHER"},
    "check_again": None,
    "ask_review": None,
    "take_temporary_plate": None,
    "make_counter_code": None,
    "withdraw_application": None,
    "book_inspection": {"site_id": "vmo-main", "day": "2026-12-01", "at": "09:00"},
    "move_inspection": {"site_id": "vmo-main", "day": "2026-12-01", "at": "09:00"},
    "cancel_inspection": None,
    "rate_service": {"score": 3},
}
BAD_BODIES = ["{", "[]", '"x"', "null", '{"a":1,"a":2}', '{"a":NaN}', "\ud800", "{}" + "x" * 70_000]
SERVER_OWNED = ["status", "person_id", "fee_fen", "version", "ending", "accepted_at", "review"]


WITH_BODY = {name: body for name, body in OF_A_CASE.items() if body}
NOBODYS = "app_" + "0" * 26


def test_a_foreign_case_looks_like_an_unknown_one(office: Office) -> None:
    case = office.file()
    for name, body in OF_A_CASE.items():
        foreign = office.call(name, person=OTHER, body=body, key="k", application_id=case)
        unknown = office.call(name, body=body, key="k", application_id=NOBODYS)
        assert foreign == unknown, name
        assert (foreign[0], foreign[1]["code"]) == (404, "VR-301"), name
        sent: dict[str, Any] = {"body": body, "key": "k", "application_id": case}
        assert office.call(name, person=None, **sent)[0] == 401, name
        assert office.call(name, roles="clerk", **sent)[0] == 403, name


@pytest.mark.parametrize("odd", ["", "app_", "app_" + "0" * 3000, "app_#|", "app_\ud800", "vin#x"])
def test_what_is_no_identifier_is_unknown_too(office: Office, odd: str) -> None:
    for name, body in OF_A_CASE.items():
        status, told = office.call(name, body=body, key="k", application_id=odd)
        assert (status, told["code"]) == (404, "VR-301"), name
    for code in ("", "0" * 3000, "\ud800" * 10):
        sent: dict[str, Any] = {"group": "staff", "roles": "clerk", "person": "st_1"}
        assert office.call("claim_counter_code", code=code, **sent)[0] == 404


def test_keys_and_numbers_that_no_table_takes_are_refused(office: Office) -> None:
    for key in ("\ud800", "\n", "k" * 256):
        assert office.call("register_new_car", body={"vin": VIN}, key=key)[1]["code"] == "VR-104"
    for vin in ("", " ", "#"):
        body = {"vin": vin, "reason": "LOST"}
        assert office.call("reissue_certificate", body=body, key="k")[1]["code"] == "VR-312"


def test_a_body_that_cannot_be_read_is_refused(office: Office) -> None:
    for name in WITH_BODY:
        for sent in BAD_BODIES:
            status, told = office.call(name, raw=sent, key="k", application_id=NOBODYS)
            assert 400 <= status < 500, (name, sent[:20])
            assert told["code"].startswith("VR-1"), (name, sent[:20])


def test_fields_of_the_office_are_nobodys_to_send(office: Office) -> None:
    for name, body in WITH_BODY.items():
        for field in SERVER_OWNED:
            sent = body | {field: "x"}
            status, told = office.call(name, body=sent, key="k", application_id=NOBODYS)
            assert (status, told["code"]) == (422, "VR-103"), (name, field)
            assert field in {each["field"] for each in told["fields"]}, name


@pytest.mark.parametrize(
    ("vin", "code"),
    [(FOREIGN_VIN, "VR-312"), ("LSVAA4182E2184840", "VR-103"), ("LSVAA4182E218484O", "VR-103")],
)
def test_only_a_car_invoiced_to_me_can_be_filed(office: Office, vin: str, code: str) -> None:
    assert office.call("register_new_car", body={"vin": vin}, key="k")[1]["code"] == code


def test_a_repeated_request_files_once(office: Office) -> None:
    first, again = office.file("k1"), office.file("k1")
    assert first == again
    other_body = {"vin": VIN, "use_character": "B"}
    assert office.call("register_new_car", body=other_body, key="k1")[1]["code"] == "VR-105"
    assert office.call("register_new_car", body={"vin": VIN}, key="k2")[1]["code"] == "VR-302"
    assert office.call("register_new_car", body={"vin": VIN})[1]["code"] == "VR-104"
    assert len([r for r in office.city.rows("applications") if "status" in r]) == 1


def test_who_is_banned_or_unknown_cannot_file(office: Office) -> None:
    from datetime import UTC, datetime, timedelta

    from chepai.domain.ledger import Actor
    from chepai.records.people import People

    unknown = "per_01JZZZZZZZZZZZZZZZZZZZZZZ9"
    told = office.call("register_new_car", body={"vin": VIN}, key="k", person=unknown)[1]
    assert told["code"] == "VR-208"
    until = datetime.now(UTC) + timedelta(days=100)
    People.from_env().ban(OTHER, until, by=Actor("officer", "sta_1"), rule="R164-81")
    refused = office.call("register_new_car", body={"vin": FOREIGN_VIN}, key="k", person=OTHER)
    assert (refused[0], refused[1]["code"]) == (403, "VR-305")
    assert office.call("read_me", person=OTHER)[1]["banned_until"]


def test_a_car_in_the_register_is_not_registered_again(office: Office) -> None:
    office.register(VIN, OTHER)
    assert office.call("register_new_car", body={"vin": VIN}, key="k")[1]["code"] == "VR-306"


def test_everything_wrong_is_told_at_once(office: Office) -> None:
    case = office.file()
    _, told = office.call(
        "keep_delivery_address", body={"address": "路", "phone": "12"}, application_id=case
    )
    assert {each["field"] for each in told["fields"]} == {"address", "phone"}
    _, told = office.call("list_my_applications", query={"limit": "0", "cursor": "\n"})
    assert {each["field"] for each in told["fields"]} == {"limit", "cursor"}


def test_who_signed_in_without_a_telephone_gives_one_with_the_address(office: Office) -> None:
    from chepai.records.people import People

    nobody = "per_01JZZZZZZZZZZZZZZZZZZZZZZ3"
    People.from_env().keep(nobody, {"name": "某"})
    case = office.file()
    office.put(case, person_id=nobody)
    sent: dict[str, Any] = {"person": nobody, "application_id": case}
    body = {"address": "山东省青岛市市南区示例路1号"}
    status, told = office.call("keep_delivery_address", body=body, **sent)
    assert (status, told["fields"]) == (422, [{"field": "phone", "code": "missing"}])
    body |= {"phone": "13800138000"}
    assert office.call("keep_delivery_address", body=body, **sent)[0] == 200


def test_a_weak_session_redirects_no_parcel(office: Office) -> None:
    from chepai.records.people import People

    case: dict[str, Any] = {"application_id": office.file()}
    body = {"address": "山东省青岛市市南区示例路1号", "phone": "13900139000"}
    before = People.from_env().open_row(PERSON)
    status, refused = office.call("keep_delivery_address", body=body, aal="1", **case)
    assert (status, refused["code"]) == (403, "VR-207")
    assert People.from_env().open_row(PERSON) == before


def test_whoever_was_reached_before_hears_of_a_change(office: Office) -> None:
    case: dict[str, Any] = {"application_id": office.file()}
    first = {"address": "山东省青岛市市南区示例路1号"}
    assert office.call("keep_delivery_address", body=first, **case)[0] == 200
    assert office.told("sms.ordered") == [], "the first address is no change"
    for body, template in (
        ({"address": "山东省青岛市市北区示例路2号"}, "address_changed"),
        ({**first, "phone": "13900139000"}, "phone_changed"),
    ):
        assert office.call("keep_delivery_address", body=body, **case)[0] == 200
        (told,) = office.told("sms.ordered")
        assert told["refs"]["template"] == template
        assert told["refs"].get("former", False) is (template == "phone_changed")
        assert "139" not in str(told)


def test_a_changed_word_of_an_agency_has_to_be_confirmed_anew(office: Office) -> None:
    case: dict[str, Any] = {"application_id": office.file()}
    office.ready_to_choose(case["application_id"])
    body = {"digest": "0" * 64, "declared_true": True}
    assert office.call("sign_application", body=body, **case)[1]["code"] == "VR-110"
    assert office.call("sign_application", body=body, aal="1", **case)[1]["code"] == "VR-207"
    untrue = body | {"declared_true": False}
    assert office.call("sign_application", body=untrue, **case)[0] == 422


def test_a_rare_name_and_address_pass_unharmed(office: Office) -> None:
    from chepai.domain.ledger import Actor
    from chepai.records.people import People, Purpose

    case = office.file()
    address = "新疆维吾尔自治区𬱖县䶮路㛃小区·巴哈尔古丽家 12-3"
    office.call("keep_delivery_address", body={"address": address}, application_id=case)
    kept = People.from_env().read(
        "per_01JZZZZZZZZZZZZZZZZZZZZZZ1", ["address"], actor=Actor(role="system", id="test"),
        purpose=Purpose("delivery", case, "ems"),
    )  # fmt: skip
    assert kept == {"address": address}
    everywhere = [
        str(row) for table in ("applications", "facts", "ledger") for row in office.city.rows(table)
    ]
    assert not any("䶮路" in row for row in everywhere)
