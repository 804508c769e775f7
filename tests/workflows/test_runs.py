"""A machine that dies, a step that fails, a run that is started anew: no case is lost."""

from collections.abc import Callable

import pytest

from chepai.domain.facts import FactKind
from chepai.domain.life_cycle import Status
from chepai.domain.review import asked
from chepai.edge.clock import now
from chepai.edge.starting import start
from chepai.records.applications import stamp
from tests.workflows.office import (
    AGENCY,
    ASK,
    CHECK_STATUS,
    CORRECTION,
    FEE,
    INSPECTION,
    KEEP,
    MAKE,
    OFFICER,
    OWNER,
    RECHECK,
    REVIEW,
    SEND,
    Office,
)
from tests.workflows.truth import days_ago, parcel

DELIVERED = "Plates and papers delivered"
DESK = ("Put the case on a clerk's desk", "A clerk must look at this")

BREAKS = {
    "weigh_findings": "verifying",
    "wait_for_owner": "awaiting_owner",
    "wait_for_fee": "awaiting_fee",
    "accept_application": "awaiting_fee",
    "review_application": "accepted",
    "recheck_facts": "approved",
    "ask_the_register": "approved",
    "enter_registration": "registering",
    "make_plates_and_papers": "registered",
    "send_parcel": "in_production",
    "close_application": "dispatched",
}


@pytest.mark.parametrize("step", [*BREAKS, "check_invoice"])
def test_a_step_that_fails_puts_the_case_on_a_desk_and_the_next_run_goes_on(
    office: Office, step: str
) -> None:
    office.broken[step] = 1
    office.told_before()
    office.file()
    walk = office.go_on()
    assert walk.trunk[-2:] == DESK
    assert (walk.status, walk.error) == ("FAILED", "ClerkMustLook")
    case = office.case()
    assert case.status == BREAKS.get(step, "verifying")
    assert case.queue_shard.startswith("clerk#")
    assert case.stuck_because == "StepFailed"
    office.run_again()
    assert not office.case().queue_shard.startswith("clerk#")
    assert not office.case().stuck_because
    walk = office.go_on()
    assert walk.trunk[-1] == DELIVERED
    assert len(office.partners.registered) == 1
    office.nothing_waits()


def test_a_run_that_dies_while_its_owner_waits_for_a_review_skips_nothing(office: Office) -> None:
    office.reach(CORRECTION)
    before, at = office.case(), now()
    office.casework.move(
        before, Status.REVIEWING, by=office.owner, act="review_asked", at=at,
        review=asked(before.review, at=stamp(at)),
    )  # fmt: skip
    # Nobody's time runs out while the office owes a review: the reviewer is reminded instead.
    office.time_out(CORRECTION)
    office.until(CORRECTION)
    assert office.acts()[-1] == "reminded"
    assert (office.case().status, office.case().ending) == ("reviewing", "")
    office.lose_machine()
    office.run_again()
    office.until(CORRECTION)
    # The reviewer upholds the finding; the tax office puts it right.
    office.decide(FactKind.REVIEW, "REFUSED", Status.NEEDS_CORRECTION)
    office.until(CORRECTION)
    office.truth.says[FactKind.INVOICE]["buyer_blind"] = f"blind-id-{office.truth.person_id}"
    office.says(FactKind.INVOICE)
    walk = office.go_on()
    assert walk.trunk[-1] == DELIVERED
    assert office.statuses().index("accepted") < office.statuses().index("registering")


def test_a_step_that_fails_on_the_way_back_is_gone_on_with(office: Office) -> None:
    for step in ("stop_application", "free_number", "refund_fee", "close_stopped"):
        office.broken[step] = 1
    office.reach(RECHECK)
    office.withdraw()
    for run in range(4):
        assert office.end().trunk[-2:] == DESK, run
        office.run_again()
    walk = office.end()
    assert walk.trunk[:3] == (
        "Take in the application", "Where does the case stand?", "Stop the application",
    )  # fmt: skip
    assert walk.trunk[-1] == "Withdrawn by the owner"
    assert office.acts().count("number_freed") == 1
    assert {row["state"] for row in office.rows("payments")} == {"refunded"}
    office.nothing_waits()


@pytest.mark.parametrize(
    "state",
    [
        CHECK_STATUS, CORRECTION, AGENCY, INSPECTION, OFFICER, OWNER, FEE, REVIEW, RECHECK, ASK,
        MAKE, SEND, KEEP,
    ],
)  # fmt: skip
def test_a_machine_that_was_lost_is_replaced_from_every_status(office: Office, state: str) -> None:
    office.reach(state)
    office.settle()
    status = office.case().status
    office.lose_machine()
    office.partners.silent.clear()
    office.run_again()
    mend(office, state)
    office.swept = True
    walk = office.go_on()
    assert walk.trunk[-1] == DELIVERED, walk.trunk
    assert status in office.statuses()
    assert len(office.partners.registered) == 1
    assert office.acts().count("registered") == 1
    office.nothing_waits()


def mend(office: Office, state: str) -> None:
    """What the case waited for happens only after its machine was replaced."""
    if state == CORRECTION:
        owner = office.truth.says[FactKind.IDENTITY]["id_blind"]
        office.truth.says[FactKind.INVOICE]["buyer_blind"] = owner
        office.says(FactKind.INVOICE)
    if state == OFFICER:
        office.decide(FactKind.OFFICER, "CLEARED", review={"overruled": ["F10-SUSPECT"]})
    if state == INSPECTION:
        office.about_case(
            FactKind.INSPECTION, inspector="st_9", vin=office.truth.vin, result="PASSED",
            inspected_on=days_ago(0), recording_no="R1",
        )  # fmt: skip
    if state == REVIEW:
        from chepai.domain.life_cycle import Status

        office.decide(FactKind.REVIEW, "APPROVED", Status.APPROVED, review={"decided": "approved"})
    if state == KEEP:
        office.until(KEEP)
        done = parcel(office.case().order_no, "DELIVERED")
        office.about_case(FactKind.DELIVERY, **done)


def test_the_sweeper_starts_a_run_that_was_never_started_and_one_that_died(
    open_office: Callable[..., Office],
) -> None:
    office = open_office()
    office.reach(CHECK_STATUS)
    office.settle()
    office.lose_machine()
    assert office.sweep()["started"] == 1
    office.partners.silent.clear()
    assert office.case().run == 2
    office.swept = True
    assert office.go_on().trunk[-1] == DELIVERED


def test_a_run_is_started_once_however_often(office: Office) -> None:
    filed = office.file()
    start(filed)
    start(filed)
    assert len(office._runs) == 1
    office.until(OWNER)


def test_the_sweeper_asks_again_what_nobody_answered(office: Office) -> None:
    office.partners.silent |= {"purchase_tax.asked", "policy.asked"}
    office.file()
    office.until("Check the purchase tax")
    office.settle()
    office.partners.silent.clear()
    assert office.sweep() == {"asked": 1}
    office.until(OWNER)
    asked = [each for each in office.partners.asked if each["type"] == "purchase_tax.asked"]
    assert len({each["message_id"] for each in asked}) == 2
    assert len({each["request_id"] for each in asked}) == 1


def test_a_payment_whose_callback_was_lost_is_found_by_asking_the_gateway(office: Office) -> None:
    office.reach(FEE)
    office.order_fee()
    office.settle()
    assert office.sweep() == {"asked": 1}
    office.settle()
    assert "payment.queried" in office.partners.types()
    office.gateway()
    assert office.end().trunk[-1] == DELIVERED


def test_a_weighing_whose_answer_was_lost_asks_nobody_anew_after_the_owner_acted(
    office: Office,
) -> None:
    """The step is done again when the owner has already signed and chosen: it says the same."""
    from functions.steps.weigh_findings.handler import handler

    office.reach(OWNER)
    office.sign()
    office.choose()
    before = office.case()
    task = {"application_id": before.application_id, "run": before.run, "step": "weigh_findings"}
    assert handler(task, None) == {"outcome": "verified"}
    after = office.case()
    assert (after.status, after.version) == ("awaiting_fee", before.version)
    assert after.weighed == before.weighed
