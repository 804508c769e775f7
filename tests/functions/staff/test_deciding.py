"""What staff decide: on the version they read, with a fact beside it, and never their own act."""

from datetime import UTC, datetime, timedelta

import pytest

from chepai.domain.facts import FactKind
from tests.functions.citizen.office import PERSON, VIN

PASSED = {"vin": VIN, "result": "PASSED", "recording_no": "REC-1", "inspector_no": "QD-0042"}


def review(desk, decision="APPROVED", who="sta_reviewer_1", **more):
    body = {"decision": decision, "version": desk.case().version, **more}
    return desk.ask("decide_review", "reviewer", body, who=who)


def investigate(desk, decision="CLEARED", who="", **more):
    body = {"decision": decision, "version": desk.case().version, **more}
    return desk.ask("decide_suspicion", "officer", body, who=who)


def ask_for_review(desk):
    status, answer = desk.office.call("ask_review", application_id=desk.application_id)
    assert status == 202, answer


def drawn(desk):
    """The machine waits for a reviewer."""
    desk.put("reviewing", "reviewer", accepted_at="2026-11-01T00:00:00.000Z")


# A review that the machine waits for


def test_an_approval_moves_the_case_on_and_wakes_its_machine(desk):
    drawn(desk)
    status, answer = review(desk)
    assert (status, answer["status"], answer["holder"]) == (200, "approved", "system")
    assert desk.said(FactKind.REVIEW) == [{"result": "APPROVED"}]
    assert desk.case().review["decided"] == "approved"
    assert desk.history() == ["submitted", "review_decided"]


def test_a_refusal_leaves_the_ending_to_the_machine(desk):
    drawn(desk)
    status, answer = review(desk, "REFUSED")
    assert (status, answer["status"]) == (200, "reviewing")
    assert desk.said(FactKind.REVIEW) == [{"result": "REFUSED"}]
    assert "decided" not in desk.case().review


def test_a_decision_is_on_what_was_read(desk):
    drawn(desk)
    status, refused = review(desk, version=desk.case().version + 1)
    assert (status, refused["code"]) == (409, "VR-110")
    assert desk.said(FactKind.REVIEW) == []


def test_a_decision_may_name_what_was_read_in_a_header(desk):
    drawn(desk)
    version = desk.case().version
    asked = {"who": "sta_reviewer_1"}

    def decide(body, tag=""):
        said = {"decision": "APPROVED", **body}
        return desk.ask("decide_review", "reviewer", said, **asked, if_match=tag)

    assert decide({})[0] == 422
    assert decide({}, "W/anything")[0] == 422
    for stale in (f'"{version + 1}"', f'"{version + 1}-{"0" * 32}"'):
        status, refused = decide({}, stale)
        assert (status, refused["code"]) == (412, "VR-112")
        assert decide({"version": version}, stale)[0] == 412
    assert decide({"version": version + 1}, f'"{version}"')[0] == 409
    assert desk.said(FactKind.REVIEW) == []
    assert decide({}, f'"{version}-{"0" * 32}"')[0] == 200


def test_nobody_reviews_what_they_had_a_hand_in(desk):
    desk.put("on_site_required", "inspector")
    assert desk.ask("enter_inspection", "inspector", PASSED, who="sta_both")[0] == 200
    drawn(desk)
    for who in ("sta_both", PERSON):
        status, refused = review(desk, who=who)
        assert (status, refused["code"]) == (403, "VR-310"), who
    assert review(desk)[0] == 200


@pytest.mark.parametrize("status", ["verifying", "approved", "registered", "closed"])
def test_what_is_not_under_review_is_not_decided(desk, status):
    desk.put(status)
    answered, refused = review(desk)
    assert (answered, refused["code"]) == (409, "VR-303")


def test_the_way_back_is_not_turned_by_a_second_decision(desk):
    drawn(desk)
    assert review(desk, "REFUSED")[0] == 200
    desk.put("reviewing", "reviewer", ending="rejected")
    status, refused = review(desk, who="sta_reviewer_2")
    assert (status, refused["code"]) == (409, "VR-303")


# A review that the owner asked for


def test_a_reversal_opens_the_case_again(desk):
    """Refused by the rules, its money back and its number gone: the case starts anew."""
    desk.ended(
        "not_accepted", "F06-REVERSED", "F04-REVOKED", fee_state="refunded", fee_fen=14000,
        payment_id="pay_1", choices=1, run=1,
    )  # fmt: skip
    ask_for_review(desk)
    (waiting,) = desk.ask("list_reviews", "reviewer")[1]["applications"]
    assert waiting["application_id"] == desk.application_id
    status, answer = review(desk)
    assert (status, answer["status"], answer["holder"]) == (200, "verifying", "system")
    case = desk.case()
    assert (case.run, case.ending, case.reasons) == (2, "", [])
    assert case.review["overruled"] == ["F04-REVOKED", "F06-REVERSED"]
    assert case.review["reversed"] == 1
    assert "decided" not in case.review
    assert (case.fee_state, case.fee_fen, case.choices) == ("", 0, 0)
    assert case.payment_id not in ("", "pay_1")
    assert case.weighed["times"] == 1, "agencies are asked anew"
    assert desk.runs() == [f"{desk.application_id}-r1", f"{desk.application_id}-r2"]
    assert desk.said(FactKind.REVIEW) == [{"result": "APPROVED"}]
    status, refused = desk.office.call("register_new_car", body={"vin": VIN}, key="k2")
    assert (status, refused["code"]) == (409, "VR-302"), "its car is taken again"
    assert desk.history()[-2:] == ["review_asked", "review_decided"]


def test_what_is_overruled_holds_the_case_up_no_more(desk):
    from chepai.domain.verification import GROUNDS, lets_go_on
    from chepai.domain.waiting import case_of
    from chepai.edge.clock import now
    from chepai.records.cities import Cities

    desk.ended("not_accepted", "F06-REVERSED")
    ask_for_review(desk)
    assert review(desk)[0] == 200
    finding = GROUNDS["F06-REVERSED"].found()
    profile = Cities.from_env().current()
    assert lets_go_on(finding, case_of(desk.case(), {}), now=now(), profile=profile)


def test_a_reversal_of_a_review_is_not_reviewed_a_third_time(desk):
    desk.ended("rejected", "A03-REFUSED", accepted_at="2026-11-01T00:00:00.000Z", legal_end="x")
    ask_for_review(desk)
    assert review(desk)[0] == 200
    case = desk.case()
    assert case.review["decided"] == "approved"
    assert (case.accepted_at, case.legal_end) == ("", "")


def test_only_what_is_named_is_set_aside(desk):
    desk.ended("not_accepted", "F06-REVERSED", "F04-REVOKED")
    ask_for_review(desk)
    for wrong in ("F03-ORIGIN", "F07-UNPAID", "A09-CONFIRMED"):
        status, refused = review(desk, set_aside=["F04-REVOKED", wrong])
        assert (status, refused["code"], refused["field"]) == (422, "VR-103", "set_aside")
    assert review(desk, set_aside=["F04-REVOKED"])[0] == 200
    assert desk.case().review["overruled"] == ["F04-REVOKED"]


def test_what_the_law_leaves_to_nobody_is_not_overruled(desk):
    desk.ended("not_accepted", "F03-ORIGIN", "F10-STOLEN", "F04-REVOKED")
    ask_for_review(desk)
    assert review(desk)[0] == 200
    assert desk.case().review["overruled"] == ["F04-REVOKED"]


def test_a_refusal_that_is_upheld_stays_and_is_counted(desk):
    desk.ended("not_accepted", "F04-REVOKED")
    ask_for_review(desk)
    status, answer = review(desk, "REFUSED")
    assert (status, answer["status"], answer["holder"]) == (200, "not_accepted", "")
    case = desk.case()
    assert (case.run, case.ending, case.review["upheld"]) == (1, "not_accepted", 1)
    assert [each["code"] for each in case.reasons] == ["F04-REVOKED"]
    assert len(desk.runs()) == 1
    assert desk.office.call("register_new_car", body={"vin": VIN}, key="k2")[0] == 201


def test_the_first_reviewer_does_not_decide_again(desk):
    desk.ended("not_accepted", "F04-REVOKED")
    ask_for_review(desk)
    assert review(desk, "REFUSED")[0] == 200
    ask_for_review(desk)
    assert review(desk)[1]["code"] == "VR-310"
    assert review(desk, who="sta_reviewer_2")[0] == 200
    assert {n: desk.case().review[n] for n in ("upheld", "reversed")} == {
        "upheld": 1,
        "reversed": 1,
    }


def test_a_car_that_is_applied_for_anew_is_not_opened_twice(desk):
    desk.ended("not_accepted", "F04-REVOKED")
    ask_for_review(desk)
    assert desk.office.call("register_new_car", body={"vin": VIN}, key="k2")[0] == 201
    status, refused = review(desk)
    assert (status, refused["code"]) == (409, "VR-302")
    assert (desk.case().status, desk.case().run) == ("reviewing", 1)
    assert desk.said(FactKind.REVIEW) == []


def test_a_reversal_while_the_machine_waits_wakes_it_like_a_correction(desk):
    desk.put("needs_correction", "owner", reasons=desk.reasons("F06-BUYER"))
    ask_for_review(desk)
    assert desk.ask("list_reviews", "reviewer")[1]["applications"]
    status, answer = review(desk)
    assert (status, answer["status"], answer["holder"]) == (
        200,
        "needs_correction",
        "agency:dealer",
    )
    assert desk.said(FactKind.CORRECTION) == [{"result": "REVIEWED"}]
    case = desk.case()
    assert (case.run, case.review["overruled"]) == (1, ["F06-BUYER"])
    assert len(desk.runs()) == 1


def test_upheld_while_the_machine_waits_the_case_is_back_with_its_agency(desk):
    desk.put("needs_correction", "owner", reasons=desk.reasons("F06-BUYER"))
    ask_for_review(desk)
    status, answer = review(desk, "REFUSED")
    assert (status, answer["status"], answer["holder"]) == (
        200,
        "needs_correction",
        "agency:dealer",
    )
    assert desk.said(FactKind.CORRECTION) == []


# A suspicion


@pytest.fixture
def suspected(desk):
    desk.office.fact(f"vin#{VIN}", FactKind.VEHICLE_STATUS, vin=VIN, flags=["J", "N"])
    desk.put("converted_on_site", "officer", reasons=desk.reasons("F10-SUSPECT"))
    return desk


def test_an_officer_clears_every_ground_that_was_found(suspected):
    status, answer = investigate(suspected)
    assert (status, answer["status"]) == (200, "converted_on_site")
    assert suspected.case().review["overruled"] == ["F10-ESCAPED", "F10-SUSPECT"]
    assert suspected.case().review["officer"]["by"] == "sta_officer_1"
    assert suspected.said(FactKind.OFFICER) == [{"result": "CLEARED"}]
    assert suspected.ask("read_case", "officer")[1]["suspicions"] == []


def test_an_officer_clears_one_ground_and_not_the_other(suspected):
    assert investigate(suspected, set_aside=["F10-STOLEN"])[0] == 422
    assert investigate(suspected, set_aside=["F10-SUSPECT"])[0] == 200
    _, case = suspected.ask("read_case", "officer")
    assert [each["code"] for each in case["suspicions"]] == ["F10-ESCAPED"]


@pytest.mark.parametrize("decision", ["INSPECT", "REFUSED"])
def test_nothing_is_set_aside_by_another_decision(suspected, decision):
    assert investigate(suspected, decision)[0] == 200
    assert suspected.case().review["overruled"] == []
    assert suspected.said(FactKind.OFFICER) == [{"result": decision}]


def test_an_officer_decides_on_what_was_read_and_only_there(suspected):
    assert investigate(suspected, version=9)[1]["code"] == "VR-110"
    suspected.put("verifying", "system")
    assert investigate(suspected)[1]["code"] == "VR-303"
    assert suspected.said(FactKind.OFFICER) == []


def test_who_inspected_a_car_does_not_investigate_it(suspected):
    """One person may be inspector and officer, but not of one case."""
    from chepai.domain.ledger import Actor
    from chepai.records.applications import Applications

    table = Applications.from_env()
    case = table.change(
        suspected.case(), actor=Actor("inspector", "sta_officer_1"), act="inspected",
        at=datetime.now(UTC),
    )  # fmt: skip
    assert investigate(suspected, version=case.version)[1]["code"] == "VR-310"
    assert suspected.said(FactKind.OFFICER) == []
    assert investigate(suspected, version=case.version, who="sta_officer_2")[0] == 200


def test_a_fresh_phone_of_a_reissue_is_an_officer_s_to_clear(desk):
    from chepai.records.people import People

    people = People.from_env()
    long_ago = {"phone": "2026-01-05T01:00:00.000Z"}
    people.update({"person_id": PERSON}, sets={"contact_given": long_ago})
    people.keep(PERSON, {"phone": "13900139000"})
    desk.put("converted_on_site", "officer", service="certificate_reissue",
             entries={"reason": "LOST"}, reasons=desk.reasons("A09-FRESH-PHONE"))  # fmt: skip
    assert investigate(desk)[0] == 200
    assert desk.case().review["overruled"] == ["A09-FRESH-PHONE"]


# An inspection


def test_an_inspection_without_its_recording_or_a_certified_inspector_is_none(desk):
    desk.put("on_site_required", "inspector")
    for missing in ("recording_no", "inspector_no"):
        body = {name: value for name, value in PASSED.items() if name != missing}
        status, refused = desk.ask("enter_inspection", "inspector", body)
        assert (status, refused["code"], refused["field"]) == (422, "VR-603", missing)
        status, refused = desk.ask("enter_inspection", "inspector", body | {missing: ""})
        assert (status, refused["code"]) == (422, "VR-603")
    assert desk.said(FactKind.INSPECTION) == []


def test_an_inspection_that_the_car_passed_lets_it_be_registered(desk):
    from chepai.domain import inspection
    from chepai.domain.waiting import case_of
    from chepai.edge.clock import now
    from chepai.records.cities import Cities

    booked = {"site_id": "vmo-main", "day": "2026-11-02"}
    desk.put("on_site_required", "inspector", number="鲁B12345", appointment=booked)
    status, answer = desk.ask("enter_inspection", "inspector", PASSED)
    assert (status, answer["status"], answer["number"]) == (200, "on_site_required", "鲁B12345")
    (says,) = desk.said(FactKind.INSPECTION)
    assert (says["recording_no"], says["inspector"], says["site"]) == (
        "REC-1", "QD-0042", "vmo-main",
    )  # fmt: skip
    case = desk.case()
    known = {FactKind.INSPECTION: [desk.office.facts(case.subject)[FactKind.INSPECTION]]}
    profile = Cities.from_env().current()
    assert inspection.has_passed(case_of(case, known), now=now(), profile=profile)
    assert case.appointment == {}


def test_an_inspection_is_entered_where_one_is_wanted(desk):
    status, refused = desk.ask("enter_inspection", "inspector", PASSED)
    assert (status, refused["code"]) == (409, "VR-303")
    desk.put("converted_on_site", "officer")
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    for wrong in ({"result": "MAYBE"}, {"recording_no": "a b"}, {"picture": "x"}, {"vin": ""}):
        assert desk.ask("enter_inspection", "inspector", PASSED | wrong)[0] == 422
    assert desk.ask("enter_inspection", "inspector", PASSED | {"inspected_on": tomorrow})[0] == 422
    assert desk.ask("enter_inspection", "inspector", PASSED)[0] == 200


# A hand-over


def returned(desk):
    case = desk.case()
    ago = datetime.now(UTC) - timedelta(hours=1)
    desk.office.fact(
        case.subject, FactKind.DELIVERY, ago=7200, order_no=f"{case.application_id}-1",
        parcel="ALL", waybill="1234567890123", state="RETURNED", identity_shown=False, attempts=2,
    )  # fmt: skip
    desk.put("kept_for_pick_up", "clerk", orders=1, since=ago.isoformat().replace("+00:00", "Z"))


def test_what_was_kept_is_handed_over_once_and_to_somebody_with_an_id(desk):
    returned(desk)
    for wrong in ({}, {"identity_shown": False}):
        assert desk.ask("hand_over", "clerk", wrong)[0] == 422
    for _ in range(2):
        status, answer = desk.ask("hand_over", "clerk", {"identity_shown": True})
        assert (status, answer["status"]) == (200, "kept_for_pick_up")
    _, handed = desk.said(FactKind.DELIVERY)
    assert handed["state"] == "DELIVERED"
    assert handed["identity_shown"] is True
    assert (handed["waybill"], handed["order_no"]) == (
        "1234567890123", f"{desk.application_id}-1",
    )  # fmt: skip
    assert desk.history()[-1] == "handed_over"


def test_the_hand_over_ends_the_wait_of_the_machine(desk):
    from chepai.domain.waiting import WAITING, Look, Settled
    from chepai.edge.clock import now
    from chepai.records.cities import Cities
    from chepai.records.facts import Facts

    returned(desk)
    rule = WAITING["keep_for_pick_up"].verdict

    def verdict():
        case = desk.case()
        known = {FactKind.DELIVERY: Facts.from_env().of_kind(case.subject, FactKind.DELIVERY)}
        return rule(Look(case, known, Cities.from_env().current(), now(), "req_1"))

    assert verdict() is None
    assert desk.ask("hand_over", "clerk", {"identity_shown": True})[0] == 200
    assert verdict() == Settled("delivered")


def test_nothing_is_handed_over_that_is_on_its_way(desk):
    desk.put("dispatched", "courier")
    status, refused = desk.ask("hand_over", "clerk", {"identity_shown": True})
    assert (status, refused["code"]) == (409, "VR-303")
