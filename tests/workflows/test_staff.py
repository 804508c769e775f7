"""The machine under the hands of staff: decisions, reversals, inspections and hand-overs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chepai.domain.facts import FactKind
from chepai.domain.life_cycle import Status
from chepai.edge.acting import Acting
from chepai.edge.api import Call, Caller
from chepai.edge.appealing import Appealing
from chepai.edge.judging import Investigation, Investigations, Review, Reviews
from chepai.edge.recording import HandOver, Inspection, Recording
from infra.access import of_group
from tests.workflows.office import (
    ASK,
    CORRECTION,
    INSPECTION,
    KEEP,
    LOCK,
    OFFICER,
    OWNER,
    REVIEW,
    Office,
)

DELIVERED = "Plates and papers delivered"


@pytest.fixture(autouse=True)
def rights_suffice(office: Office) -> Iterator[None]:
    """What each function of staff touched is what its entry lets it touch."""
    yield
    granted = of_group("staff")
    for name in office.touched.keys() & granted.keys():
        tables = granted[name].tables
        allowed = {(table, verb) for table, verbs in tables.items() for verb in verbs.split()}
        lacking = set(office.touched[name]) - allowed
        assert not lacking, f"{name} lacks {lacking}"


def call(office: Office, body: Any, who: str) -> Call[Any]:
    return Call(
        body=body,
        caller=Caller(id=who, roles=frozenset()),
        path={"application_id": office.application_id},
    )


def acts(office: Office, name: str, who: str, work: Callable[[Call[Any]], Any], body: Any) -> None:
    """One act of staff, with the rights of its function."""
    with LOCK, office._as(name):
        work(call(office, body, who))


def reviews(office: Office, decision: str = "APPROVED", who: str = "sta_1") -> None:
    body = Review.model_validate({"decision": decision, "version": office.case().version})
    acts(office, "decide_review", who, Reviews(Acting.from_env()).decide, body)


def investigates(office: Office, decision: str) -> None:
    body = Investigation.model_validate({"decision": decision, "version": office.case().version})
    acts(office, "decide_suspicion", "sta_2", Investigations.from_env().decide, body)


def inspects(office: Office) -> None:
    seen = {"vin": office.truth.vin, "result": "PASSED", "recording_no": "R1", "inspector_no": "C1"}
    body = Inspection.model_validate(seen)
    acts(office, "enter_inspection", "sta_3", Recording.from_env().inspection, body)


def asks_for_a_review(office: Office) -> None:
    appeals = Appealing.from_env()
    acts(office, "ask_review", office.truth.person_id, appeals.ask, None)


def test_a_reviewer_approves_and_the_case_goes_on_to_its_end(office: Office) -> None:
    office.reach(REVIEW)
    reviews(office)
    assert office.end().trunk[-1] == DELIVERED


def test_a_reviewer_refuses_another_reverses_and_the_car_is_registered(office: Office) -> None:
    """What the way back undid is done anew; what a person approved is not reviewed again."""
    office.reach(REVIEW)
    first = office.case()
    reviews(office, "REFUSED", "sta_1")
    assert office.end().trunk[-1] == "Refused with reasons"
    asks_for_a_review(office)
    reviews(office, "APPROVED", "sta_2")
    assert office.case().run == 2
    walk = office.go_on()
    assert walk.trunk[-1] == DELIVERED
    case = office.case()
    assert case.payment_id != first.payment_id
    assert case.fee_state == "captured"
    assert len(office.partners.registered) == 1
    acts_of_people = [e["act"] for e in office.ledger.of(office.application_id)]
    assert acts_of_people.count("handed_to_reviewer") == 1


def test_a_refusal_by_the_rules_is_reversed(office: Office) -> None:
    office.truth.says[FactKind.ANNOUNCEMENT]["status"] = "REVOKED"
    office.file()
    assert office.end().trunk[-1] == "Not accepted, with reasons"
    assert [each["code"] for each in office.case().reasons] == ["F04-REVOKED"]
    asks_for_a_review(office)
    reviews(office)
    assert office.go_on().trunk[-1] == DELIVERED


def test_a_refusal_by_the_register_is_reversed_and_the_register_asked_anew(office: Office) -> None:
    office.reach(ASK)
    office.about_case(FactKind.REGISTER, result="REFUSED", reason="NOT-CONVINCED")
    assert office.end().trunk[-1] == "Refused with reasons"
    asks_for_a_review(office)
    office.partners.silent.clear()
    reviews(office)
    assert office.go_on().trunk[-1] == DELIVERED
    assert len(office.rows("vehicles")) == 1


def test_an_upheld_refusal_starts_no_machine(office: Office) -> None:
    office.truth.says[FactKind.ANNOUNCEMENT]["status"] = "REVOKED"
    office.file()
    office.end()
    asks_for_a_review(office)
    reviews(office, "REFUSED")
    assert len(office._runs) == 1
    assert office.case().status == Status.NOT_ACCEPTED


def test_a_mismatch_that_a_reviewer_sets_aside_wakes_the_machine(office: Office) -> None:
    office.reach(CORRECTION)
    asks_for_a_review(office)
    reviews(office)
    office.until(OWNER)
    assert office.case().review["overruled"] == ["F06-BUYER"]
    assert office.go_on().trunk[-1] == DELIVERED


def test_a_fact_that_is_corrected_while_a_reviewer_looks_moves_the_case_on(office: Office) -> None:
    office.reach(CORRECTION)
    asks_for_a_review(office)
    office.truth.says[FactKind.INVOICE]["buyer_blind"] = office.truth.says[FactKind.IDENTITY][
        "id_blind"
    ]
    office.says(FactKind.INVOICE)
    office.until(OWNER)
    assert office.case().status == Status.AWAITING_OWNER


def test_a_suspicion_that_an_officer_clears_ends_in_a_registered_car(office: Office) -> None:
    office.reach(OFFICER)
    investigates(office, "INSPECT")
    office.settle()
    office.until(OFFICER)
    inspects(office)
    investigates(office, "CLEARED")
    office.until(OWNER)
    assert office.go_on().trunk[-1] == DELIVERED


def test_a_suspicion_that_an_officer_confirms_ends_the_case(office: Office) -> None:
    office.reach(OFFICER)
    investigates(office, "REFUSED")
    assert office.end().trunk[-1] == "Not accepted, with reasons"
    assert office.case().reasons[0]["code"] == "A09-CONFIRMED"


def test_an_inspection_stands_in_for_the_maker(office: Office) -> None:
    office.reach(INSPECTION)
    inspects(office)
    office.until(OWNER)
    assert office.go_on().trunk[-1] == DELIVERED


@pytest.mark.parametrize("times", [1, 2])
def test_what_came_back_is_handed_over_at_the_counter(office: Office, times: int) -> None:
    office.reach(KEEP)
    for _ in range(times):
        body = HandOver(identity_shown=True)
        acts(office, "hand_over", "sta_4", Recording.from_env().hand_over, body)
    assert office.end().trunk[-1] == DELIVERED
