"""What an owner can do besides the straight way: correct, dispute, appeal, book, withdraw, …"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chepai.domain.facts import FactKind
from tests.functions.citizen.office import BLIND, FOREIGN_VIN, OTHER, PERSON, VIN, Office


@pytest.fixture
def case(office: Office) -> dict[str, str]:
    return {"application_id": office.file()}


def own(office: Office, case: dict[str, str]) -> Any:
    from chepai.records.applications import Applications

    return Applications.from_env().read(case["application_id"])


def test_my_own_entries_are_corrected_and_wake_the_machine(office: Office, case: Any) -> None:
    office.put(case["application_id"], status="needs_correction", signed={"digest": "x"})
    status, shown = office.call("correct_entries", body={"entries": {"use_character": "B"}}, **case)
    assert status == 200, shown
    assert own(office, case).entries == {"use_character": "B"}
    assert own(office, case).signed == {}
    said = office.facts(f"application#{case['application_id']}")[FactKind.CORRECTION]
    assert said.says["result"] == "CORRECTED"


def test_an_agencys_value_can_only_be_disputed(office: Office, case: Any) -> None:
    status, told = office.call("correct_entries", body={"entries": {"price_fen": "1"}}, **case)
    assert (status, told["code"], told["field"]) == (409, "VR-308", "price_fen")
    status, told = office.call(
        "correct_entries", body={"entries": {"use_character": "?", "nothing": "x"}}, **case
    )
    assert (status, {each["field"] for each in told["fields"]}) == (
        422, {"use_character", "nothing"},
    )  # fmt: skip


def test_a_dispute_asks_the_agency_by_a_day_that_the_owner_sees(office: Office, case: Any) -> None:
    doubt = {"kind": "F06", "field": "buyer_name", "reason": "WRONG_PERSON"}
    status, made = office.call("dispute_fact", body=doubt, **case)
    assert status == 201, made
    assert (made["agency"], made["due_on"] > f"{datetime.now(UTC):%Y-%m-%d}") == ("tax", True)
    assert office.call("dispute_fact", body=doubt, **case)[1] == made
    told = office.told("data_error.reported")
    assert {each["message_id"] for each in told} == {told[0]["message_id"]}
    assert told[0]["partner"] == "tax"
    assert told[0]["refs"]["message_type"] == "invoice.issued"
    _, progress = office.call("read_progress", **case)
    assert progress["disputes"]["F06"]["due_on"] == made["due_on"]
    status, told_no = office.call("dispute_fact", body=doubt | {"kind": "F10"}, **case)
    assert (status, told_no["fields"][0]["code"]) == (422, "nothing_said_yet")


def test_check_again_is_not_faster_than_agencies_can_bear(office: Office, case: Any) -> None:
    assert office.call("check_again", **case)[0] == 202
    said = office.facts(f"application#{case['application_id']}")[FactKind.CORRECTION]
    assert said.says["result"] == "CHECK_AGAIN"
    assert office.call("check_again", **case)[1]["code"] == "VR-109"


@pytest.mark.parametrize("status", ["needs_correction", "not_accepted", "rejected"])
def test_a_refusal_goes_before_a_person(office: Office, case: Any, status: str) -> None:
    office.put(case["application_id"], status=status, queue_shard="owner#0", due_at="2026")
    code, shown = office.call("ask_review", **case)
    assert (code, shown["status"]) == (202, "reviewing")
    assert own(office, case).queue_shard.startswith("reviewer#")
    assert office.call("ask_review", **case)[0] == 202
    assert own(office, case).version == 2


def test_withdrawing_marks_the_case_and_wakes_it(office: Office, case: Any) -> None:
    code, shown = office.call("withdraw_application", **case)
    assert (code, shown["ending"]) == (202, "withdrawn")
    facts = office.facts(f"application#{case['application_id']}")
    assert facts[FactKind.WITHDRAWAL].says["result"] == "WITHDRAWN"
    assert office.call("withdraw_application", **case)[0] == 202
    assert office.call("check_again", **case)[1]["code"] == "VR-303"


@pytest.mark.parametrize(
    ("status", "code"),
    [("registering", "VR-307"), ("in_production", "VR-304"), ("dispatched", "VR-304")],
)
def test_after_registration_there_is_only_forward(
    office: Office, case: Any, status: str, code: str
) -> None:
    office.put(case["application_id"], status=status)
    answered, told = office.call("withdraw_application", **case)
    assert (answered, told["code"]) == (409, code)


def test_an_inspection_is_booked_moved_and_given_back(office: Office, case: Any) -> None:
    office.put(case["application_id"], status="on_site_required", queue_shard="owner#0", due_at="2")
    _, free = office.call("list_inspection_slots", query={"site": "dealer-north"})
    day = free["days"][0]
    first, second = free["sites"][0]["slots"][:2]
    wish = {"site_id": "dealer-north", "day": day, "at": first["at"]}
    status, booked = office.call("book_inspection", body=wish, **case)
    assert status == 200, booked
    assert own(office, case).queue_shard.startswith("inspector#")
    assert office.call("book_inspection", body=wish, **case)[0] == 200
    later = wish | {"at": second["at"]}
    assert office.call("book_inspection", body=later, **case)[1]["code"] == "VR-303"
    assert office.call("move_inspection", body=later, **case)[1]["appointment"]["moves"] == 1
    _, now_free = office.call("list_inspection_slots", query={"site": "dealer-north", "day": day})
    assert [slot["free"] for slot in now_free["sites"][0]["slots"][:2]] == [1, 0]
    office.take_slot("dealer-north", day, first["at"])
    assert office.call("move_inspection", body=wish, **case)[1]["code"] == "VR-601"
    status, told = office.call("move_inspection", body=wish | {"at": "03:00"}, **case)
    assert (status, told["code"]) == (404, "VR-602")
    assert "appointment" not in office.call("cancel_inspection", **case)[1]
    assert own(office, case).queue_shard.startswith("owner#")


def test_the_temporary_plate_that_came_with_the_registration_is_shown(
    office: Office, case: Any
) -> None:
    from chepai.domain.temporary_plate import Need, Validity, kept

    today = datetime.now(UTC).date()
    days = Validity(today, today + timedelta(days=9))
    plate = kept(Need.PLATES_NOT_READY, days)
    office.put(case["application_id"], status="in_production", temporary_plates=[plate])
    status, shown = office.call("take_temporary_plate", **case)
    assert (status, shown["nth"], shown["reason"]) == (201, 1, "plates_not_ready")
    assert (shown["first_day"], shown["last_day"]) == tuple(day.isoformat() for day in days)


def test_a_temporary_plate_never_outlasts_the_policy(office: Office, case: Any) -> None:
    office.put(case["application_id"], status="in_production")
    assert office.call("take_temporary_plate", **case)[1]["code"] == "VR-605"
    ends = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    office.fact(
        f"vin#{VIN}", FactKind.COMPULSORY_INSURANCE,
        status="IN_FORCE", starts_on="2026-01-01", ends_on=ends,
    )  # fmt: skip
    status, plate = office.call("take_temporary_plate", **case)
    assert (status, plate["last_day"]) == (201, ends)
    assert office.call("take_temporary_plate", **case)[1] == plate


def test_a_counter_code_opens_the_case_until_another_is_made(office: Office, case: Any) -> None:
    from chepai.domain.refusals import CounterCodeUnknown
    from chepai.edge.continuing import case_behind
    from chepai.records.applications import Applications

    _, first = office.call("make_counter_code", **case)
    applications = Applications.from_env()
    assert case_behind(first["code"].lower(), applications).person_id == PERSON
    _, second = office.call("make_counter_code", **case)
    with pytest.raises(CounterCodeUnknown):
        case_behind(first["code"], applications)
    assert case_behind(second["code"], applications).application_id == case["application_id"]


def test_receipts_are_dated_and_tell_the_right_of_review(office: Office, case: Any) -> None:
    assert office.call("read_receipt", **case)[1]["kind"] == "taken_in"
    office.put(
        case["application_id"], status="accepted", accepted_at="2026-03-02T01:00:00.000Z",
        legal_end="2026-03-04",
    )  # fmt: skip
    _, accepted = office.call("read_receipt", **case)
    assert (accepted["kind"], accepted["until"]) == ("accepted", "2026-03-04")
    office.put(case["application_id"], status="rejected", since="2026-03-03T01:00:00.000Z")
    _, refused = office.call("read_receipt", **case)
    assert (refused["kind"], refused["until"]) == ("not_accepted", "2026-05-02")
    assert "2026-05-02" in refused["texts"]["en"]["review"]


def test_messages_are_told_from_the_ledger_by_pages(office: Office, case: Any) -> None:
    office.call("keep_delivery_address", body={"address": "山东省青岛市市南区示例路1号"}, **case)
    _, first = office.call("list_my_messages", query={"limit": "1"})
    assert [each["code"] for each in first["messages"]] == ["address_kept"]
    _, second = office.call("list_my_messages", query={"limit": "1", "cursor": first["next"]})
    assert [each["code"] for each in second["messages"]] == ["submitted"]
    assert "next" not in second
    assert office.call("list_my_messages", person=OTHER)[1] == {"messages": []}


def test_my_cars_invoices_and_cases_are_mine_alone(office: Office, case: Any) -> None:
    _, mine = office.call("list_my_invoices")
    assert [each["vin"] for each in mine["invoices"]] == [VIN]
    assert mine["invoices"][0]["check"]["way"] in {"unknown", "on_site", "not_here", "online"}
    assert [v["vin"] for v in office.call("list_my_invoices", person=OTHER)[1]["invoices"]] == [
        FOREIGN_VIN
    ]
    assert len(office.call("list_my_applications")[1]["applications"]) == 1
    assert office.call("list_my_applications", person=OTHER)[1]["applications"] == []
    office.register(VIN, PERSON)
    _, cars = office.call("list_my_vehicles")
    assert cars["vehicles"][0]["licence"]["number"] == "鲁B12345"
    assert cars["vehicles"][0]["mark"]["until"] == "2028-11-30"
    assert office.call("list_my_vehicles", person=OTHER)[1] == {"vehicles": []}
    _, me = office.call("read_me")
    assert (me["identified"], BLIND in str(me)) == (True, False)


def test_a_rating_is_kept_once_the_plates_are_there(office: Office, case: Any) -> None:
    assert office.call("rate_service", body={"score": 5}, **case)[0] == 409
    office.put(case["application_id"], status="closed")
    assert office.call("rate_service", body={"score": 5}, **case)[0] == 200
    assert own(office, case).rating == 5


def test_a_reissue_is_the_owners_own_act(office: Office) -> None:
    office.register(VIN, PERSON)
    wanted = {"vin": VIN, "reason": "LOST"}
    agent = wanted | {"as_agent": True}
    assert office.call("reissue_certificate", body=agent, key="r0")[1]["code"] == "VR-309"
    refused = office.call("reissue_certificate", body=wanted, key="r1", person=OTHER)
    assert refused[1]["code"] == "VR-312"
    status, filed = office.call("reissue_certificate", body=wanted, key="r1")
    assert (status, filed["service"]) == (201, "certificate_reissue")
    made = own(office, {"application_id": filed["application_id"]})
    assert made.entries == {"reason": "LOST", "old_certificate_no": "371234567890"}
    assert (made.number, made.plate_kind) == ("鲁B12345", "02")


def test_choosing_again_frees_the_first_number(office: Office, case: Any) -> None:
    office.ready_to_choose(case["application_id"])
    first = office.call("offer_numbers", **case)[1]["numbers"][0]
    office.call("choose_number", body={"number": first}, **case)
    _, again = office.call("offer_numbers", **case)
    assert first not in again["numbers"]
    assert office.call("choose_number", body={"number": first}, **case)[0] == 200
    status, chosen = office.call("choose_number", body={"number": again["numbers"][1]}, **case)
    assert (status, chosen["number"]) == (200, again["numbers"][1])
    assert office.number(first)["state"] == "freed"
    assert office.call("offer_numbers", **case)[1]["code"] == "VR-403"


def test_an_offer_ends_by_the_servers_clock(office: Office, case: Any) -> None:
    office.ready_to_choose(case["application_id"])
    _, offer = office.call("offer_numbers", **case)
    office.let_offer_end(case["application_id"])
    chosen = office.call("choose_number", body={"number": offer["numbers"][0]}, **case)
    assert (chosen[0], chosen[1]["code"]) == (410, "VR-402")
    status, none = office.call("read_offer", **case)
    assert (status, none["numbers"], none["batches_left"]) == (200, [], 4)
    _, following = office.call("offer_numbers", **case)
    assert (following["nth"], following["batches_left"]) == (2, 3)
    assert not set(following["numbers"]) & set(offer["numbers"])


def test_all_that_are_left_are_shown_at_once_to_who_asks(office: Office, case: Any) -> None:
    office.ready_to_choose(case["application_id"])
    assert office.call("read_offer", **case)[1]["numbers"] == []
    status, offer = office.call("offer_numbers", body={"mode": "elder"}, **case)
    assert (status, len(set(offer["numbers"])), offer["batches_left"]) == (200, 50, 0)
    assert 170 < offer["seconds_left"] <= 180
    # A reload, or the other way of showing, finds the same draw with the same end.
    for again in (office.call("read_offer", **case), office.call("offer_numbers", **case)):
        assert (again[1]["numbers"], again[1]["until"]) == (offer["numbers"], offer["until"])
    wanted = offer["numbers"][49]
    assert office.call("choose_number", body={"number": wanted}, **case)[0] == 200
    following = office.call("offer_numbers", body={"mode": "elder"}, **case)[1]
    assert not set(following["numbers"]) & set(offer["numbers"])


def test_after_two_batches_the_other_thirty_come_at_once(office: Office, case: Any) -> None:
    office.ready_to_choose(case["application_id"])
    office.call("offer_numbers", **case)
    office.let_offer_end(case["application_id"])
    office.call("offer_numbers", **case)
    office.let_offer_end(case["application_id"], nth=2)
    offer = office.call("offer_numbers", body={"mode": "elder"}, **case)[1]
    assert (offer["nth"], len(offer["numbers"]), offer["batches_left"]) == (5, 30, 0)
    office.let_offer_end(case["application_id"], nth=5)
    assert office.call("offer_numbers", body={"mode": "elder"}, **case)[1]["code"] == "VR-403"


def test_a_number_goes_to_one_person_only(office: Office, case: Any) -> None:
    office.ready_to_choose(case["application_id"])
    _, offer = office.call("offer_numbers", **case)
    office.hold_for_another(offer["numbers"][0])
    status, told = office.call("choose_number", body={"number": offer["numbers"][0]}, **case)
    assert (status, told["code"]) == (409, "VR-401")
    assert office.call("choose_number", body={"number": "鲁B99999"}, **case)[1]["code"] == "VR-405"


def test_without_a_segment_the_register_is_asked(office: Office, case: Any) -> None:
    office.put(case["application_id"], status="awaiting_owner", plate_kind="52",
               energy="PURE_ELECTRIC")  # fmt: skip
    assert office.call("offer_numbers", **case)[1]["code"] == "VR-404"
    assert office.told("segments.asked")[0]["refs"] == {"plate_kind": "52"}


def test_an_act_is_done_again_when_another_was_quicker(
    office: Office, case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chepai.domain.refusals import VersionConflict
    from chepai.records.applications import Applications

    change, lost = Applications.change, iter([True, True, False])

    def change_or_lose(*args: Any, **changes: Any) -> Any:
        if next(lost):
            raise VersionConflict
        return change(*args, **changes)

    monkeypatch.setattr(Applications, "change", change_or_lose)
    assert office.call("check_again", **case)[0] == 202
    lost = iter([True] * 3)
    assert office.call("withdraw_application", **case)[1]["code"] == "VR-110"
