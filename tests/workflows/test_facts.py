"""Facts that come late, early, twice, wrong or not at all: a case waits, is told, and goes on."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chepai.domain.facts import FactKind
from chepai.edge.clock import now
from chepai.edge.ids import new_id
from chepai.records.facts import Appended
from chepai.records.waits import Waits
from tests.workflows.office import (
    AGENCY,
    CORRECTION,
    FEE,
    INSPECTION,
    OFFICER,
    OWNER,
    RECHECK,
    Office,
)
from tests.workflows.truth import NOT_CONNECTED, days_ago

VERIFY = "Verify the car and the buyer"
DELIVERED = "Plates and papers delivered"
ROUND = (VERIFY, "Weigh the findings", "Is everything in order?")


def test_a_text_of_an_unknown_case_wakes_nobody(office: Office) -> None:
    office.file()
    nobodys = {"application_id": f"app_{'0' * 26}", "template": "accepted", "supplier": "sms-first"}
    office.says(FactKind.MESSAGE, f"message#{new_id('msg')}", {"result": "FAILED", **nobodys})
    office.ready()


def test_a_late_tax_office_is_waited_for_and_drains_by_itself(office: Office) -> None:
    office.reach(AGENCY)
    case = office.case()
    assert case.status == "awaiting_source"
    assert case.queue_shard.startswith("agency:tax#")
    assert [card["code"] for card in case.reasons] == ["F07-SILENT"]
    office.says(FactKind.PURCHASE_TAX)
    walk = office.go_on()
    assert walk.trunk[2:10] == (*ROUND, AGENCY, *ROUND, OWNER)
    assert walk.trunk[-1] == DELIVERED
    office.nothing_waits()


def test_an_agency_that_stays_silent_is_reminded_one_rank_higher_each_time(office: Office) -> None:
    office.reach(AGENCY)
    for rank in (1, 2, 3):
        office.time_out(AGENCY)
        office.until(AGENCY)
        office.settle()
        assert office.case().escalation == rank
    assert office.case().queue_shard.startswith("clerk#")
    about_tax = [each for each in office.partners.asked if each["type"] == "purchase_tax.asked"]
    assert len({each["request_id"] for each in about_tax}) == 2, "one of the check, one of the wait"
    office.partners.silent.clear()
    office.says(FactKind.PURCHASE_TAX, reply_to=about_tax[-1]["request_id"])
    assert office.go_on().trunk[-1] == DELIVERED
    assert office.case().escalation == 0


def test_a_reminder_is_no_reason_for_an_end_later(office: Office) -> None:
    office.reach(AGENCY)
    office.time_out(AGENCY)
    office.until(AGENCY)
    office.settle()
    office.says(FactKind.INVOICE, status="REVERSED")
    office.time_out("Check the purchase tax")
    assert office.go_on().trunk[-1] == "Not accepted, with reasons"
    assert office.case().reasons[0]["code"] == "F06-REVERSED"


@pytest.mark.parametrize("moment", ["before parking", "between parking and looking", "after both"])
def test_a_fact_is_found_whenever_it_comes(
    office: Office, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    office.partners.silent.add("purchase_tax.asked")
    if moment == "before parking":
        office.says(FactKind.PURCHASE_TAX)
    if moment == "between parking and looking":
        park = Waits.park

        def parks_and_then_it_comes(self: Waits, wait, **how):
            park(self, wait, **how)
            if wait.step == "check_purchase_tax":
                office.stream = False  # not even the stream tells of it
                office.says(FactKind.PURCHASE_TAX)
                office._fresh.clear()
                office.stream = True

        monkeypatch.setattr(Waits, "park", parks_and_then_it_comes)
    office.file()
    if moment == "after both":
        office.until("Check the purchase tax")
        office.settle()
        office.says(FactKind.PURCHASE_TAX)
    office.until(OWNER)
    entry = [each for each in office.ledger.of(office.application_id) if each["act"] == "weighed"][
        -1
    ]
    assert entry["to"]["findings"]["F07"] == "F07-MATCHED"


def test_duplicates_and_late_answers_change_nothing(office: Office) -> None:
    office.reach(AGENCY)
    first = office.says(FactKind.PURCHASE_TAX, message_id="msg_same")
    again = office.says(FactKind.PURCHASE_TAX, message_id="msg_same")
    other = office.says(FactKind.PURCHASE_TAX, message_id="msg_same", amount_fen=1)
    assert (first, again, other) == (Appended.NEW, Appended.DUPLICATE, Appended.CONFLICT)
    office.until(OWNER)
    version = office.case().version
    office.says(FactKind.PURCHASE_TAX, status="UNPAID", occurred_at=now() - timedelta(days=9))
    office.says(FactKind.VESSEL_TAX)
    office.settle()
    assert office.case().version == version
    assert office.go_on().trunk.count(VERIFY) == 2


def test_an_invoice_with_a_wrong_buyer_is_corrected_and_the_case_goes_on_by_itself(
    office: Office,
) -> None:
    office.reach(CORRECTION)
    office.settle()
    case = office.case()
    assert case.status == "needs_correction"
    (card,) = case.reasons
    assert (card["code"], card["who_must_act"], card["seen"]) == (
        "F06-BUYER", "dealer", "370***********0019",
    )  # fmt: skip
    told = [
        each["refs"]["template"] for each in office.partners.asked if "template" in each["refs"]
    ]
    assert told == ["weighed_needs_correction"]
    right = office.truth.says[FactKind.INVOICE] | {
        "buyer_blind": office.truth.says[FactKind.IDENTITY]["id_blind"]
    }
    office.truth.says[FactKind.INVOICE] = right
    office.says(FactKind.INVOICE)
    assert office.go_on().trunk[5:10] == (CORRECTION, *ROUND, OWNER)


def test_a_correction_that_is_wrong_again_waits_and_does_not_run_in_circles(office: Office) -> None:
    office.reach(CORRECTION)
    office.says(FactKind.INVOICE, buyer_blind="still-another")
    office.settle()
    office.until(CORRECTION)
    office.settle()
    assert office.case().weighed["times"] == 2
    assert office.statuses() == ["verifying", "needs_correction"]
    office.time_out(CORRECTION)
    walk = office.end()
    assert walk.trunk[-1] == "Expired without an answer from the owner"
    assert office.case().reasons[0]["code"] == "A08-EXPIRED"
    assert "request.cancelled" not in office.partners.types()
    office.nothing_waits()


def test_paying_late_and_asking_to_check_again_is_enough(office: Office) -> None:
    office.truth.says[FactKind.PURCHASE_TAX]["status"] = "UNPAID"
    office.file()
    office.until(AGENCY)
    office.settle()
    assert office.case().reasons[0]["code"] == "F07-UNPAID"
    assert office.case().weighed["times"] == 1, "unpaid, said again, is no news"
    office.truth.says[FactKind.PURCHASE_TAX]["status"] = "PAID"
    office.about_case(FactKind.CORRECTION, result="CHECK_AGAIN")
    office.until(OWNER)


def test_a_source_that_cannot_answer_never_counts_as_matched(office: Office) -> None:
    office.truth.says[FactKind.PURCHASE_TAX]["status"] = "UNAVAILABLE"
    office.file()
    office.time_out("Check the purchase tax")
    office.until(AGENCY)
    office.settle()
    assert office.case().reasons[0]["code"] == "F07-UNAVAILABLE"
    assert office.case().weighed["times"] == 1
    office.truth.says[FactKind.PURCHASE_TAX]["status"] = "PAID"
    office.says(FactKind.PURCHASE_TAX)
    office.until(OWNER)


def test_a_silent_police_blocks_registration_and_its_late_answer_counts(office: Office) -> None:
    office.reach(RECHECK)
    for _ in range(2):
        office.time_out(RECHECK)
        office.until(RECHECK)
        office.settle()
    asked = [each for each in office.partners.asked if each["type"] == "vehicle_status.asked"]
    assert len({each["request_id"] for each in asked}) == 2
    office.says(FactKind.VEHICLE_STATUS, reply_to=asked[2]["request_id"])
    walk = office.go_on()
    assert walk.trunk.count("Remind the police") == 2
    assert walk.trunk[-1] == DELIVERED


def test_a_maker_that_is_not_connected_leads_to_an_inspection_and_everything_is_kept(
    office: Office,
) -> None:
    office.truth.move_to_maker(NOT_CONNECTED)
    office.file()
    office.until(INSPECTION)
    office.settle()
    assert [card["code"] for card in office.case().reasons] == ["F05-MAKER-NOT-CONNECTED"]
    assert "pre_inspection.asked" not in office.partners.types()
    seen = {"inspector": "st_9", "vin": office.truth.vin, "result": "PASSED"}
    office.about_case(FactKind.INSPECTION, **seen, inspected_on=days_ago(0), recording_no="")
    office.settle()
    office.until(INSPECTION)
    assert office.case().status == "on_site_required", "no recording, no inspection"
    office.about_case(FactKind.INSPECTION, **seen, inspected_on=days_ago(0), recording_no="R1")
    walk = office.go_on()
    assert walk.trunk.count(INSPECTION) == 2
    assert walk.trunk[-1] == DELIVERED


def test_a_suspicion_goes_to_an_officer_and_the_owner_is_not_told_the_ground(
    office: Office,
) -> None:
    office.reach(OFFICER)
    case = office.case()
    assert (case.status, case.queue_shard.split("#")[0]) == ("converted_on_site", "officer")
    assert [card["code"] for card in case.reasons] == ["A09-ON-SITE"]
    office.decide(FactKind.OFFICER, "CLEARED")
    office.settle()
    office.until(OFFICER)
    assert office.case().status == "converted_on_site", "cleared of nothing that was found"
    office.decide(FactKind.OFFICER, "CLEARED", review={"overruled": ["F10-SUSPECT"]})
    walk = office.go_on()
    assert walk.trunk[-1] == DELIVERED


def test_a_suspicion_that_is_confirmed_ends_with_reasons(office: Office) -> None:
    office.reach(OFFICER)
    office.decide(FactKind.OFFICER, "REFUSED")
    assert office.end().trunk[-1] == "Not accepted, with reasons"
    assert [card["code"] for card in office.case().reasons] == ["A09-CONFIRMED"]
    office.nothing_waits()


def test_the_owner_can_change_nothing_by_being_early(open_office: Callable[..., Office]) -> None:
    """A payment that is told before the machine waits for it is found when it does."""
    office = open_office()
    office.reach(OWNER)
    office.order_fee()
    office.gateway()
    office.settle()
    office.sign()
    office.choose()
    walk = office.end()
    assert walk.trunk[5:8] == (OWNER, FEE, "Accept the application")
