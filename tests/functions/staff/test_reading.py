"""What staff see: open cases by holder and age, and one case with its whole history."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from chepai.domain.facts import FactKind
from tests.functions.citizen.office import VIN
from tests.functions.staff.conftest import remove

EVERYBODY = ("clerk", "reviewer", "officer", "inspector", "operator")


def listed(desk, **query):
    status, answer = desk.ask("list_open_applications", "clerk", query=query)
    assert status == 200, answer
    return [each["application_id"] for each in answer["applications"]], answer.get("next")


def many(desk, count):
    """Further cases of the same office, held by reviewers, due one after the other."""
    from chepai.domain.application import Application
    from chepai.records.applications import Applications, queue_shard

    table = Applications.from_env()
    for n in range(count):
        name = f"app_{n:026d}"
        made = Application(
            application_id=name, service="new_car", city="370200", profile_version="v",
            person_id="per_1", status="reviewing", submitted_at="2026-01-01T00:00:00.000Z",
            version=1, queue_shard=queue_shard("reviewer", name),
            due_at=f"2026-02-01T00:00:{n:02d}.000Z",
        )  # fmt: skip
        table.put(made.row(), when="attribute_not_exists(application_id)")
    return [f"app_{n:026d}" for n in range(count)]


def test_open_cases_are_found_by_who_holds_them(desk):
    assert listed(desk) == ([desk.application_id], None)
    assert listed(desk, queue="system") == ([desk.application_id], None)
    assert listed(desk, queue="reviewer") == ([], None)


def test_open_cases_are_found_by_status_and_age(desk):
    assert listed(desk, status="verifying")[0] == [desk.application_id]
    assert listed(desk, status="approved")[0] == []
    assert listed(desk, min_age_hours="1")[0] == []
    long_ago = datetime.now(UTC) - timedelta(hours=5)
    desk.office.put(desk.application_id, submitted_at=long_ago.isoformat().replace("+00:00", "Z"))
    assert listed(desk, min_age_hours="4")[0] == [desk.application_id]


def test_pages_follow_each_other_without_gap_or_repetition(desk):
    expected = many(desk, 7)
    for query in ({}, {"queue": "reviewer"}, {"status": "reviewing"}):
        seen, cursor = listed(desk, limit="2", **query)
        while cursor:
            page, cursor = listed(desk, limit="2", cursor=cursor, **query)
            seen += page
        assert [each for each in seen if each != desk.application_id] == expected
        assert len(seen) == len(set(seen))


def test_a_wrong_question_is_told_with_its_field(desk):
    for field, wrong in {
        "queue": ("nobody",),
        "status": ("lost",),
        "limit": ("0", "1000", "²", ""),
        "min_age_hours": ("-1", "1e3"),
        "cursor": ("%%", "4", "ü", "bm90aGluZw"),
        "owner": ("me",),
    }.items():
        for text in wrong:
            status, refused = desk.ask("list_open_applications", "clerk", query={field: text})
            assert (status, refused["code"]) == (422, "VR-103"), (field, text)
            assert refused["field"] == field


def test_reviews_are_what_a_reviewer_holds(desk):
    assert desk.ask("list_reviews", "reviewer")[1]["applications"] == []
    desk.put("reviewing", "reviewer", review={"path": "sampled"})
    (found,) = desk.ask("list_reviews", "reviewer")[1]["applications"]
    assert found["application_id"] == desk.application_id
    assert found["review"] == {"path": "sampled"}
    assert found["version"] == 1


def test_only_its_roles_may_call_a_route(desk):
    for name, roles in {
        "list_open_applications": EVERYBODY,
        "read_case": EVERYBODY,
        "list_reviews": ("reviewer", "operator"),
        "decide_review": ("reviewer",),
        "decide_suspicion": ("officer",),
        "enter_inspection": ("inspector",),
        "hand_over": ("clerk",),
        "claim_counter_code": ("clerk",),
    }.items():
        for role in ("citizen", "auditor", *EVERYBODY):
            status, _ = desk.ask(name, role, body={}, code="X")
            assert (status != 403) == (role in roles), (name, role)
        assert desk.office.call(name, group="staff", person=None)[0] == 401


def test_a_case_shows_its_history_and_that_it_is_whole(desk):
    status, case = desk.ask("read_case", "clerk")
    assert status == 200
    assert case["chain"] == {"intact": True, "entries": 1}
    (entry,) = case["history"]
    assert (entry["act"], entry["seq"]) == ("submitted", 1)
    assert entry["actor"]["role"] == "citizen"
    assert case["holder"] == "system"
    assert case["vin"] == VIN


@pytest.mark.parametrize("how", ["changed", "cut", "other"])
def test_a_history_that_was_touched_is_told(desk, how):
    from chepai.records.ledger import Ledger

    desk.put("on_site_required", "owner")
    desk.ask(
        "enter_inspection", "inspector",
        {"vin": VIN, "result": "PASSED", "recording_no": "R1", "inspector_no": "C1"},
    )  # fmt: skip
    ledger, key = Ledger.from_env(), {"chain": desk.application_id, "seq": 2}
    if how == "changed":
        ledger.update(key, sets={"act": "nothing"})
    elif how == "cut":
        remove(ledger, **key)
    else:
        desk.office.put(desk.application_id, chain_head="0" * 64)
    _, case = desk.ask("read_case", "clerk")
    assert case["chain"]["intact"] is False
    assert case["chain"]["broken_at"] == (1 if how == "cut" else 2)


def test_waits_are_shown_and_never_what_could_answer_them(desk):
    from chepai.records.waits import Wait, Waits

    wait = Wait(
        subject=f"vin#{VIN}", kind=FactKind.PURCHASE_TAX, application_id=desk.application_id,
        run=1, step="check_purchase_tax", token="the-token", request_id="req_1",
    )  # fmt: skip
    Waits.from_env().park(wait, now=datetime.now(UTC), kept=timedelta(days=1))
    _, case = desk.ask("read_case", "operator")
    (shown,) = case["waits"]
    assert (shown["step"], shown["kind"], shown["request_id"]) == (
        "check_purchase_tax", "F07", "req_1",
    )  # fmt: skip
    assert "the-token" not in json.dumps(case)


def test_facts_are_shown_masked(desk):
    _, case = desk.ask("read_case", "clerk")
    assert case["facts"]["F06"]["says"]["buyer_name_masked"] == "**娜"
    assert "_blind" not in json.dumps(case)
    assert "欧阳" not in json.dumps(case, ensure_ascii=False)


def test_staff_see_the_ground_of_a_suspicion_that_the_owner_does_not(desk):
    suspected(desk)
    _, case = desk.ask("read_case", "officer")
    assert [each["code"] for each in case["suspicions"]] == ["F10-SUSPECT"]
    assert [each["code"] for each in case["reasons"]] == ["A09-ON-SITE"]
    _, own = desk.office.call("read_application", application_id=desk.application_id)
    assert "F10-SUSPECT" not in json.dumps(own)


def suspected(desk):
    desk.office.fact(f"vin#{VIN}", FactKind.VEHICLE_STATUS, vin=VIN, flags=["J"])
    desk.put("converted_on_site", "officer", reasons=desk.reasons("F10-SUSPECT"))


def test_a_case_that_nobody_knows_is_not_there(desk):
    for name in ("app_00000000000000000000000000", "vin#x", f"vin#{VIN}#new_car"):
        status, refused = desk.ask("read_case", "clerk", application_id=name)
        assert (status, refused["code"]) == (404, "VR-301")


def test_a_counter_code_opens_the_case_until_it_ends(desk):
    status, made = desk.office.call(
        "make_counter_code", key="c1", application_id=desk.application_id
    )
    assert status == 201, made
    status, found = desk.ask("claim_counter_code", "clerk", code=made["code"])
    assert (status, found["application_id"]) == (200, desk.application_id)
    desk.office.put(f"code#{made['code']}", until="2020-01-01T00:00:00.000Z")
    status, refused = desk.ask("claim_counter_code", "clerk", code=made["code"])
    assert (status, refused["code"]) == (404, "VR-313")
