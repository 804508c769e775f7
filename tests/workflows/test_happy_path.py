"""A car is registered with no errand: every state passed once, in the order told to the owner."""

from collections import Counter
from collections.abc import Callable

import pytest

from chepai.domain.facts import FactKind
from tests.workflows.office import FEE, NUMBER, OWNER, Office

TRUNK = (
    "Take in the application",
    "Where does the case stand?",
    "Verify the car and the buyer",
    "Weigh the findings",
    "Is everything in order?",
    OWNER,
    FEE,
    "Accept the application",
    "Review the application",
    "Check the facts again before registration",
    "Ask the national register",
    "Enter the registration",
    "Make the plates and papers",
    "Send the parcel",
    "Close the application",
    "Plates and papers delivered",
)
WRITES = ("PutItem", "UpdateItem", "DeleteItem")


def walk_through(office: Office) -> tuple[str, ...]:
    office.until(OWNER)
    office.sign()
    office.choose()
    office.until(FEE)
    office.pay()
    walk = office.end()
    assert walk.status == "SUCCEEDED"
    assert len(walk.path) <= 26, f"{len(walk.path)} transitions"
    office.nothing_waits()
    return walk.trunk


def test_agencies_that_told_before_are_asked_for_the_status_alone(office: Office) -> None:
    office.told_before()
    office.file()
    assert walk_through(office) == TRUNK
    asked = Counter(office.partners.types())
    assert {each for each in asked if each.endswith(".asked")} == {
        "vehicle_status.asked",
        "registration.asked",
    }
    assert asked["vehicle_status.asked"] == 2
    counted: Counter[str] = sum((Counter(_by_verb(c)) for c in office.touched.values()), Counter())
    print({"transitions": 25, **counted})


def _by_verb(counted: Counter[tuple[str, str]]) -> Counter[str]:
    verbs: Counter[str] = Counter()
    for (_, verb), times in counted.items():
        verbs["writes" if verb in WRITES else "reads"] += times
    return verbs


def test_agencies_that_told_nothing_are_all_asked_once(office: Office) -> None:
    office.file()
    assert walk_through(office) == TRUNK
    assert all(
        times == 1
        for asked, times in Counter(
            each
            for each in office.partners.types()
            if each not in ("vehicle_status.asked", "sms.ordered")
        ).items()
        if asked != "plate.assigned"
    )


def test_at_the_end_car_number_and_books_agree(office: Office) -> None:
    office.file()
    walk_through(office)
    case = office.case()
    (car,) = office.rows("vehicles")
    assert (car["vin"], car["number"], car["person_id"]) == (
        office.truth.vin, NUMBER, office.truth.person_id,
    )  # fmt: skip
    assert case.certificate_no == car["certificate_no"]
    assert (case.status, case.fee_state, case.queue_shard) == ("closed", "captured", "")
    (number,) = [row for row in office.rows("numbers") if "plate_kind" in row]
    assert (number["state"], number["vin"]) == ("bound", office.truth.vin)
    assert [row for row in office.rows("numbers") if row.get("held_until")] == []
    assert office.acts() == [
        "submitted", "weighed", "signed", "number_chosen", "fee_ordered", "accepted", "approved",
        "register_asked", "registered", "ordered", "dispatched", "closed",
    ]  # fmt: skip
    told = [
        each["refs"]["template"] for each in office.partners.asked if "template" in each["refs"]
    ]
    assert told == ["accepted", "registered", "dispatched", "closed"]


def test_every_step_called_twice_gives_the_same_result(open_office: Callable[..., Office]) -> None:
    office = open_office(twice=True)
    office.file()
    assert walk_through(office) == TRUNK
    assert len(office.partners.registered) == 1
    made = [
        each["refs"]["order_no"]
        for each in office.partners.asked
        if each["type"] == "plates.ordered"
    ]
    assert len(set(made)) == 1


def test_the_sweeper_alone_brings_a_case_to_its_end(open_office: Callable[..., Office]) -> None:
    office = open_office(stream=False)
    office.file()
    assert walk_through(office) == TRUNK


@pytest.mark.parametrize("kind", [FactKind.CERTIFICATE, FactKind.ANNOUNCEMENT])
def test_the_announcement_is_found_whenever_the_certificate_comes(
    office: Office, kind: FactKind
) -> None:
    late = {FactKind.CERTIFICATE: "certificate.asked", FactKind.ANNOUNCEMENT: "product.asked"}[kind]
    office.partners.silent.add(late)
    office.file()
    office.until("Check the product announcement")
    office.settle()
    office.partners.silent.clear()
    office.says(kind)
    assert walk_through(office) == TRUNK
