"""The same request to file again: its case is answered, whatever happened since."""

from typing import Any

import pytest

from tests.functions.citizen.office import OTHER, PERSON, VIN, Office

WANTED = {"vin": VIN, "reason": "LOST"}


def file(office: Office, key: str, **differs: Any) -> tuple[int, dict[str, Any]]:
    return office.call("register_new_car", body={"vin": VIN, **differs}, key=key)


def test_a_filing_repeated_after_registration_answers_its_case(office: Office) -> None:
    _, first = file(office, "k1")
    office.register(VIN, PERSON)
    office.put(first["application_id"], status="closed")
    status, again = file(office, "k1")
    assert (status, again["application_id"]) == (201, first["application_id"])
    assert again["status"] == "closed"


def test_another_request_for_a_registered_car_is_refused(office: Office) -> None:
    file(office, "k1")
    office.register(VIN, PERSON)
    assert file(office, "k2")[1]["code"] == "VR-306"


@pytest.mark.parametrize("registered", [False, True])
def test_the_key_of_another_body_is_refused(office: Office, registered: bool) -> None:
    file(office, "k1")
    if registered:
        office.register(VIN, PERSON)
    status, told = file(office, "k1", use_character="B")
    assert (status, told["code"]) == (422, "VR-105")


def test_a_key_is_its_owners_alone(office: Office) -> None:
    file(office, "k1")
    office.register(VIN, PERSON)
    status, told = office.call("register_new_car", body={"vin": VIN}, key="k1", person=OTHER)
    assert (status, told["code"]) == (404, "VR-312")


def test_a_reissue_repeated_after_the_car_changed_hands_answers_its_case(office: Office) -> None:
    office.register(VIN, PERSON)
    _, first = office.call("reissue_certificate", body=WANTED, key="r1")
    from chepai.records.vehicles import Vehicles

    Vehicles.from_env().update({"vin": VIN}, sets={"person_id": OTHER})
    _, again = office.call("reissue_certificate", body=WANTED, key="r1")
    assert again["application_id"] == first["application_id"]
    assert office.call("reissue_certificate", body=WANTED, key="r2")[1]["code"] == "VR-312"
