"""Until registration everything can be undone, in the order shown; after it only forward."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chepai.domain.facts import FactKind, about_payment
from chepai.domain.life_cycle import Act, Status, refusal_of
from chepai.edge.clock import now
from chepai.edge.ids import new_id
from chepai.edge.weighing import Weighing
from tests.workflows.office import (
    AGENCY,
    ASK,
    CHECK_STATUS,
    CORRECTION,
    FEE,
    INSPECTION,
    NUMBER,
    OFFICER,
    OWNER,
    RECHECK,
    REVIEW,
    Office,
)

BACK = (
    "Stop the application",
    "Free the number",
    "Refund the fee",
    "Close what was stopped",
    "How did it end?",
)
PAID = (REVIEW, RECHECK)


def assert_undone(office: Office) -> None:
    """Nothing held, nothing owed, and the car may be applied for again."""
    case = office.case()
    assert case.number == ""
    assert [row["state"] for row in office.rows("numbers") if "plate_kind" in row] in (
        [],
        ["freed"],
    )
    assert [row for row in office.rows("numbers") if row.get("held_until")] == []
    assert {row["state"] for row in office.rows("payments")} <= {"refunded", "cancelled"}
    assert office.rows("vehicles") == []
    assert case.queue_shard == ""
    office.nothing_waits()
    office.applications.file(
        replace(case, application_id=new_id("app"), ending="", status="verifying"),
        actor=office.owner,
        key=new_id("idem"),
        fingerprint="again",
    )


WAITING = (CHECK_STATUS, CORRECTION, AGENCY, INSPECTION, OFFICER, OWNER, FEE, REVIEW, RECHECK)


@pytest.mark.parametrize(
    ("state", "stream"),
    [*((state, True) for state in WAITING), (CHECK_STATUS, False), (FEE, False)],
)
def test_withdrawn_wherever_it_waits(
    open_office: Callable[..., Office], state: str, stream: bool
) -> None:
    office = open_office()
    office.reach(state)
    office.settle()
    office.stream, office.swept = stream, not stream
    office.withdraw()
    walk = office.end()
    assert walk.trunk[-6:] == (*BACK, "Withdrawn by the owner")
    assert (walk.status, office.case().status) == ("SUCCEEDED", "withdrawn")
    shown = [act for act in office.acts() if act in ("withdrawn", "number_freed", "ended")]
    held = state in (FEE, *PAID)
    assert shown == ["withdrawn", *(["number_freed"] if held else []), "ended"]
    assert_undone(office)
    asked = set(office.partners.types())
    assert ("refund.ordered" in asked) == (state in PAID)
    assert ("request.cancelled" in asked) == (state in (CHECK_STATUS, AGENCY, RECHECK))


def test_withdrawn_while_a_step_parks_its_token(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner withdraws between a step's reading and its parking: nobody has seen the token."""
    from chepai.records.waits import Waits

    park = Waits.park

    def parks_too_late(self: Waits, wait: Any, **how: Any) -> None:
        if wait.step == "wait_for_owner" and not office.case().ending:
            office.withdraw()
            office.pump()
        park(self, wait, **how)

    monkeypatch.setattr(Waits, "park", parks_too_late)
    office.file()
    assert office.end().trunk[-1] == "Withdrawn by the owner"
    assert_undone(office)


def test_withdrawing_waits_for_the_register_and_is_impossible_after_it() -> None:
    assert refusal_of(Status.REGISTERING, Act.WITHDRAW) is not None
    for status in (Status.REGISTERED, Status.IN_PRODUCTION, Status.DISPATCHED, Status.CLOSED):
        assert refusal_of(status, Act.WITHDRAW) is not None


def test_no_state_after_the_pivot_leads_back() -> None:
    from infra.workflows.new_car import ENTER, definition

    states = definition()["States"]
    reached, ahead = set(), {ENTER}
    while ahead:
        name = ahead.pop()
        reached.add(name)
        state = states[name]
        following = [state.get("Next"), state.get("Default")]
        following += [each["Next"] for each in (*state.get("Catch", ()), *state.get("Choices", ()))]
        ahead |= {each for each in following if each} - reached
    assert not reached & set(BACK)


def test_an_invoice_reversed_after_submit_is_refused_at_the_last_check(office: Office) -> None:
    office.reach(FEE)
    office.settle()
    office.says(FactKind.INVOICE, status="REVERSED")
    office.pay()
    walk = office.end()
    assert walk.trunk[-9:] == (
        RECHECK, "Weigh the findings", "Is everything in order?", *BACK, "Refused with reasons",
    )  # fmt: skip
    case = office.case()
    assert (case.status, case.reasons[0]["code"]) == ("rejected", "F06-REVERSED")
    acts = office.acts()
    assert acts.index("stopped") < acts.index("number_freed") < acts.index("ended")
    refund = next(each for each in office.partners.asked if each["type"] == "refund.ordered")
    assert refund["refs"]["amount_fen"] == case.fee_fen
    assert_undone(office)


def test_a_stolen_flag_between_fee_and_registration_stops_everything(office: Office) -> None:
    office.reach(FEE)
    office.settle()
    office.truth.says[FactKind.VEHICLE_STATUS]["flags"] = ["C"]
    office.says(FactKind.VEHICLE_STATUS)
    office.pay()
    assert office.end().trunk[-1] == "Refused with reasons"
    assert office.case().reasons[0]["code"] == "F10-STOLEN"
    assert "registration.asked" not in office.partners.types()
    assert_undone(office)


def test_a_mortgage_that_appears_is_weighed_and_does_not_run_in_circles(office: Office) -> None:
    office.reach(FEE)
    office.settle()
    office.says(FactKind.MORTGAGE, active=True, lender="91370200MA3TXK003T")
    office.pay()
    office.until(AGENCY)
    office.settle()
    assert office.case().reasons[0]["code"] == "F14-COSIGN"
    office.says(FactKind.MORTGAGE, active=False)
    walk = office.end()
    assert walk.trunk[-1] == "Plates and papers delivered"
    assert office.case().accepted_at


def test_an_owner_who_never_signs_loses_the_number_and_may_choose_later(office: Office) -> None:
    office.reach(OWNER)
    office.choose()
    office.time_out(OWNER)
    assert office.end().trunk[-1] == "Expired without an answer from the owner"
    assert office.case().reasons[0]["code"] == "A01-EXPIRED"
    (hold,) = [row for row in office.rows("numbers") if row["number_key"].startswith("hold#")]
    assert hold["barred_until"] > now().isoformat()
    assert_undone(office)


def test_an_owner_who_never_chose_is_not_barred(office: Office) -> None:
    office.reach(OWNER)
    office.sign()
    office.time_out(OWNER)
    assert office.end().trunk[-1] == "Expired without an answer from the owner"
    assert [row for row in office.rows("numbers") if "barred_until" in row] == []


def test_a_lapsed_number_that_another_takes_while_it_is_freed_holds_nothing_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chepai.records.numbers import Numbers
    from chepai.records.table import transact

    reserved_by, seen = Numbers.reserved_by, list[bool]()

    def taken_just_after(self: Numbers, *of: str) -> bool:
        held = reserved_by(self, *of)
        if held and not seen:
            writes = self.holding(
                office.case().plate_kind, NUMBER, application_id="app_other",
                person_id="per_other", until=now() + timedelta(days=3), now=now(),
            )  # fmt: skip
            with office._as("another"):
                transact(*writes)
        seen.append(held)
        return held

    monkeypatch.setattr(Numbers, "reserved_by", taken_just_after)
    office.file()
    office.ready()
    office.choose(until=now() - timedelta(minutes=5))
    office.sign()
    office.until(FEE)
    office.withdraw()
    assert office.end().trunk[-1] == "Withdrawn by the owner"
    assert seen == [True, False]
    holders = {r["number"]: r["application_id"] for r in office.rows("numbers") if "number" in r}
    assert holders == {NUMBER: "app_other"}


def test_what_was_captured_counts_whatever_is_declined_or_closed_after_it(office: Office) -> None:
    office.reach(FEE)
    office.order_fee()
    office.partners.silent |= {"vehicle_status.asked", "refund.ordered"}
    office.says(
        FactKind.FEE, about_payment(office.case().payment_id),
        {"status": "DECLINED", "amount_fen": 0, "order_no": "SB0"},
        occurred_at=now() + timedelta(seconds=9),
    )  # fmt: skip
    office.gateway()
    office.until(RECHECK)
    office.withdraw()
    office.until("Refund the fee")
    closed = {"status": "CANCELLED", "amount_fen": 0, "order_no": "SB1"}
    office.says(FactKind.REFUND, about_payment(office.case().payment_id), closed)
    office.settle()
    office.until("Refund the fee")
    office.says(FactKind.REFUND, about_payment(office.case().payment_id), closed, status="REFUNDED")
    assert office.end().trunk[-1] == "Withdrawn by the owner"
    assert office.case().fee_state == "refunded"


def test_an_unpaid_order_is_cancelled_when_the_fee_stays_away(office: Office) -> None:
    office.reach(FEE)
    office.order_fee()
    office.time_out(FEE)
    assert office.end().trunk[-1] == "Expired without an answer from the owner"
    assert office.case().reasons[0]["code"] == "A02-EXPIRED"
    assert "payment.cancelled" in office.partners.types()
    assert office.case().fee_state == "cancelled"
    assert_undone(office)


def test_declined_and_then_paid(office: Office) -> None:
    office.reach(FEE)
    office.order_fee()
    office.gateway("DECLINED")
    office.settle()
    office.until(FEE)
    office.gateway("PAID", amount_fen=1)
    office.settle()
    office.until(FEE)
    office.gateway("PAID")
    assert office.end().trunk[-1] == "Plates and papers delivered"


def test_a_number_that_lapsed_and_went_to_another_is_chosen_again_with_the_fee_kept(
    office: Office,
) -> None:
    office.reach(OWNER)
    office.sign()
    office.choose(until=now() - timedelta(hours=1))
    office.until(FEE)
    other = office.numbers.holding(
        office.case().plate_kind, NUMBER, application_id="app_other", person_id="per_other",
        until=now() + timedelta(days=3), now=now(),
    )  # fmt: skip
    from chepai.records.table import transact

    transact(*other)
    office.pay()
    office.until(OWNER)
    office.settle()
    case = office.case()
    assert (case.status, case.number, case.reasons[0]["code"]) == (
        "awaiting_owner", "", "A01-HOLD-LAPSED",
    )  # fmt: skip
    office.choose("鲁B2K346")
    walk = office.end()
    assert walk.trunk[7:11] == ("Accept the application", OWNER, FEE, "Accept the application")
    assert walk.trunk[-1] == "Plates and papers delivered"
    holders = {
        r["number"]: r["application_id"] for r in office.rows("numbers") if "plate_kind" in r
    }
    assert holders == {NUMBER: "app_other", "鲁B2K346": case.application_id}


def test_a_number_is_kept_from_acceptance_on(office: Office) -> None:
    office.reach(RECHECK)
    late = now() + timedelta(days=30)
    assert office.numbers.taken(office.case().plate_kind, [NUMBER], late) == {NUMBER}


def test_the_reviewer_refuses(office: Office) -> None:
    office.reach(REVIEW)
    office.decide(FactKind.REVIEW, "REFUSED")
    assert office.end().trunk[-6:] == (*BACK, "Refused with reasons")
    assert office.case().reasons[0]["code"] == "A03-REFUSED"
    assert_undone(office)


def test_the_reviewer_approves(office: Office) -> None:
    office.reach(REVIEW)
    assert office.case().queue_shard.startswith("reviewer#")
    office.decide(FactKind.REVIEW, "APPROVED", Status.APPROVED, review={"decided": "approved"})
    assert office.end().trunk[-1] == "Plates and papers delivered"


def test_the_register_refuses(office: Office) -> None:
    office.reach(ASK)
    office.about_case(FactKind.REGISTER, result="REFUSED", reason="ALREADY-REGISTERED")
    assert office.end().trunk[-6:] == (*BACK, "Refused with reasons")
    assert office.case().reasons[0]["code"] == "A04-REFUSED"
    assert_undone(office)


def test_a_refund_that_is_late_is_asked_again_and_paid_once(office: Office) -> None:
    office.reach(RECHECK)
    office.partners.silent.add("refund.ordered")
    office.withdraw()
    office.time_out("Refund the fee")
    office.until("Refund the fee")
    office.settle()
    office.partners.silent.clear()
    orders = [each for each in office.partners.asked if each["type"] == "refund.ordered"]
    assert len({each["request_id"] for each in orders}) == 1
    office.partners.answer(orders[-1])
    walk = office.end()
    assert walk.trunk[-6:-2] == (
        "Refund the fee", "Remind the payment office", "Refund the fee", "Close what was stopped",
    )  # fmt: skip
    assert_undone(office)


def test_what_is_weighed_again_from_the_same_facts_is_the_same(office: Office) -> None:
    """The step that weighs may be repeated by the engine after its write."""
    office.reach(OWNER)
    weighing, case = Weighing.from_env(), office.case()
    from chepai.edge.step import Task

    again = weighing.of_new_car(Task(case.application_id, case.run, "weigh_findings"))
    assert again == "verified"
    assert office.case().weighed == case.weighed
