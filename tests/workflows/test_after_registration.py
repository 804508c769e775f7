"""Registration is the pivot: one of it, and after it only forward, always with the same number."""

import pytest

from chepai.domain.facts import FactKind
from tests.workflows.office import ASK, KEEP, MAKE, NUMBER, SEND, Office
from tests.workflows.truth import parcel

DELIVERED = "Plates and papers delivered"
QUERY = "Query the national register"


def orders(office: Office, type_: str) -> list[str]:
    return [each["refs"]["order_no"] for each in office.partners.asked if each["type"] == type_]


def test_a_silent_register_is_queried_and_its_late_answer_is_the_one_registration(
    office: Office,
) -> None:
    office.reach(ASK)
    office.settle()
    (asked,) = [each for each in office.partners.asked if each["type"] == "registration.asked"]
    office.partners.register(asked)
    office.time_out(ASK)
    office.until(ASK)
    office.settle()
    office.partners.silent.discard("registration.queried")
    office.time_out(ASK)
    walk = office.go_on()
    assert walk.trunk[-10:] == (
        ASK, QUERY, ASK, QUERY, ASK, "Enter the registration", MAKE, SEND,
        "Close the application", DELIVERED,
    )  # fmt: skip
    assert office.partners.types().count("registration.asked") == 1, "never asked blindly again"
    assert office.partners.types().count("registration.queried") == 2
    assert len(office.rows("vehicles")) == 1
    assert (
        office.case().certificate_no
        == office.partners.registered[office.application_id]["certificate_no"]
    )


def test_a_register_that_never_got_the_question_is_asked_again(office: Office) -> None:
    office.reach(ASK)
    office.settle()
    office.partners.silent -= {"registration.asked", "registration.queried"}
    office.time_out(ASK)
    assert office.go_on().trunk[-1] == DELIVERED
    asked = [each for each in office.partners.asked if each["type"] == "registration.asked"]
    assert len({each["message_id"] for each in asked}) == 2
    assert len(office.partners.registered) == 1


def test_answers_of_the_register_that_come_twice_register_once(office: Office) -> None:
    office.reach(ASK)
    office.settle()
    office.partners.silent.clear()
    (asked,) = [each for each in office.partners.asked if each["type"] == "registration.asked"]
    office.partners.answer(asked)
    office.partners.answer(asked)
    assert office.go_on().trunk[-1] == DELIVERED
    assert office.acts().count("registered") == 1


def test_an_answer_about_another_car_is_never_entered(office: Office) -> None:
    office.reach(ASK)
    office.about_case(
        FactKind.REGISTER,
        result="REGISTERED", vin="LFV00000000000000", plate_no=NUMBER,
        certificate_no="370000000000", registered_at="2026-01-01T00:00:00Z",
    )  # fmt: skip
    walk = office.end()
    assert (walk.status, walk.error) == ("FAILED", "ClerkMustLook")
    assert office.rows("vehicles") == []
    assert office.case().queue_shard.startswith("clerk#")


def test_plates_that_failed_are_made_again_with_the_same_number(office: Office) -> None:
    office.partners.plates = ["FAILED", "FAILED"]
    office.told_before()
    office.file()
    walk = office.go_on()
    assert walk.trunk.count(MAKE) == 3
    assert walk.trunk[-1] == DELIVERED
    app = office.application_id
    assert orders(office, "plates.ordered") == [f"{app}-1", f"{app}-2", f"{app}-3"]
    numbers = {
        each["refs"]["plate_no"]
        for each in office.partners.asked
        if each["type"] == "plates.ordered"
    }
    assert numbers == {NUMBER}


def test_a_lost_parcel_is_made_and_sent_again_with_the_same_number(office: Office) -> None:
    office.partners.parcel = ["LOST"]
    office.told_before()
    office.file()
    walk = office.go_on()
    assert walk.trunk[-6:] == (MAKE, SEND, MAKE, SEND, "Close the application", DELIVERED)
    assert office.case().number == NUMBER
    assert len(set(orders(office, "parcel.ordered"))) == 2


def test_a_returned_parcel_is_kept_for_pick_up(office: Office) -> None:
    office.reach(KEEP)
    office.settle()
    case = office.case()
    assert (case.status, case.queue_shard.split("#")[0]) == ("kept_for_pick_up", "clerk")
    office.time_out(KEEP)
    office.until(KEEP)
    office.about_case(FactKind.DELIVERY, **parcel(case.order_no, "DELIVERED"))
    walk = office.end()
    assert walk.trunk[-5:] == (
        KEEP, "Remind the owner to pick it up", KEEP, "Close the application", DELIVERED,
    )  # fmt: skip


def test_a_parcel_handed_over_without_identity_is_not_delivered(office: Office) -> None:
    office.reach(SEND)
    office.settle()
    order = office.case().order_no
    office.about_case(FactKind.DELIVERY, **parcel(order, "DELIVERED") | {"identity_shown": False})
    office.settle()
    office.time_out(SEND)
    office.until(SEND)
    office.settle()
    assert "parcel.traced" in office.partners.types()
    assert office.partners.types().count("parcel.ordered") == 1, "one parcel, however late"
    office.about_case(FactKind.DELIVERY, **parcel(order, "DELIVERED"))
    assert office.end().trunk[-4:] == ("Trace the parcel", SEND, "Close the application", DELIVERED)


def test_a_plate_maker_who_is_late_is_reminded_of_the_same_order(office: Office) -> None:
    office.reach(MAKE)
    office.settle()
    office.time_out(MAKE)
    office.until(MAKE)
    office.settle()
    assert set(orders(office, "plates.ordered")) == {f"{office.application_id}-1"}
    office.partners.silent.clear()
    office.partners.answer(
        next(each for each in office.partners.asked if each["type"] == "plates.ordered")
    )
    walk = office.end()
    assert walk.trunk.count("Remind the plate maker") == 1
    assert walk.trunk[-1] == DELIVERED


@pytest.mark.parametrize("first", ["PLATES", "PAPERS"])
def test_two_parcels_are_both_awaited(profile, open_office, first: str) -> None:
    profile["courier"]["parcels"] = 2
    profile["version"] = "qingdao-2026.2"
    office = open_office()
    office.partners.silent.add("parcel.ordered")
    office.told_before()
    office.file()
    for _ in office._while_waiting("sends"):
        if office._waits_at(SEND):
            break
        if office.case().status == "awaiting_owner" and office._waits_at(
            "Wait for the owner to sign and choose a number"
        ):
            office.sign() if not office.case().signed else office.choose()
        elif office.case().status == "awaiting_fee" and not office.case().fee_state:
            office.pay()
    order = office.case().order_no
    for which in (first, "PAPERS" if first == "PLATES" else "PLATES"):
        office.settle()
        office.until(SEND)
        says = parcel(order, "DELIVERED") | {"parcel": which, "waybill": f"EMS-{which}"}
        office.about_case(FactKind.DELIVERY, **says)
    assert office.end().trunk[-1] == DELIVERED
