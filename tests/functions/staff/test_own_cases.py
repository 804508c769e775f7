"""A member of staff is a citizen too: what is their own is read and worked on by a colleague."""

import pytest

from tests.functions.citizen.office import OTHER, PERSON, VIN
from tests.functions.staff.test_deciding import PASSED

PAPER = {"authority": "COURT", "reference": "QD-2026-1", "days": 1}
ACTS = {
    "read_case": ("clerk", None, {}),
    "read_case_evidence": ("supervisor", None, {}),
    "decide_review": ("reviewer", {"decision": "APPROVED", "version": 1}, {}),
    "decide_suspicion": ("officer", {"decision": "CLEARED", "version": 1}, {}),
    "enter_inspection": ("inspector", PASSED, {}),
    "hand_over": ("clerk", {"identity_shown": True}, {}),
    "open_finding": (
        "supervisor",
        {"application_id": "app", "about": "F06", "reference": "QD-1"},
        {},
    ),
    "delay_disclosure": ("audit_admin", PAPER, {"person_id": PERSON}),
    "end_delay": ("audit_admin", None, {"person_id": PERSON, "hold": "hold_1"}),
    "trace_acts": (
        "supervisor",
        {"follow": "person", "value": PERSON, "purpose": "recheck", "reference": "QD-1"},
        {},
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_nobody_reads_or_works_on_what_is_their_own(desk, name):
    role, body, more = ACTS[name]
    if body and "application_id" in body:
        body = body | {"application_id": desk.application_id}
    version = desk.case().version
    status, refused = desk.ask(name, role, body, citizen=PERSON, **more)
    assert (status, refused["code"]) == (403, "VR-210")
    assert desk.case().version == version
    assert VIN not in str(refused)
    if name not in ("enter_inspection", "hand_over", "decide_review", "decide_suspicion"):
        # A colleague is not kept out by it, nor somebody whom the issuer knows by nothing else.
        assert desk.ask(name, role, body, citizen=OTHER, **more)[1].get("code") != "VR-210"


def test_ones_own_is_on_the_colleagues_lists_and_not_on_ones_own(desk):
    desk.put("reviewing", "reviewer")
    for name in ("list_reviews", "list_open_applications"):
        mine = desk.ask(name, "reviewer", citizen=PERSON)[1]["applications"]
        theirs = desk.ask(name, "reviewer", citizen=OTHER)[1]["applications"]
        assert (mine, len(theirs)) == ([], 1), name


def test_a_counter_code_does_not_open_ones_own(desk):
    code = desk.office.call("make_counter_code", application_id=desk.application_id)[1]["code"]
    asked = ("claim_counter_code", "clerk")
    assert desk.ask(*asked, citizen=PERSON, code=code)[1]["code"] == "VR-210"
    assert desk.ask(*asked, citizen=OTHER, code=code)[0] == 200


def test_ones_own_question_is_answered_by_a_colleague(desk):
    assert desk.ask("read_case", "clerk")[0] == 200
    asked = {"key": "q1", "body": {"doubt": "NOT_MY_CASE"}, "access_id": "1"}
    status, made = desk.office.call("question_access", **asked)
    assert status == 201, made
    for who, seen in ((PERSON, 0), (OTHER, 1)):
        found = desk.ask("list_privacy_requests", "supervisor", citizen=who)[1]["requests"]
        assert len(found) == seen
    answer = {"request_id": made["request_id"], "body": {"outcome": "JUSTIFIED"}}
    assert desk.ask("answer_privacy_request", "supervisor", citizen=PERSON, **answer)[0] in (
        403,
        409,
    )
    assert desk.ask("answer_privacy_request", "supervisor", citizen=OTHER, **answer)[0] == 200


def test_an_act_whose_line_cannot_be_entered_is_not_done(desk, monkeypatch):
    """Done and answered 503 would have it done again, or reported as not done."""
    from chepai.records.accesses import Accesses
    from chepai.records.table import TryAgain

    desk.put("reviewing", "reviewer", accepted_at="2026-11-01T00:00:00.000Z")

    def no_line(*_: object, **__: object) -> None:
        raise TryAgain

    body = {"decision": "APPROVED", "version": desk.case().version}
    with monkeypatch.context() as broken:
        broken.setattr(Accesses, "noting", no_line)
        assert desk.ask("decide_review", "reviewer", body)[0] == 503
    assert desk.case().status == "reviewing"
    assert desk.ask("decide_review", "reviewer", body)[0] == 200
