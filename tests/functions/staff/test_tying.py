"""No desk opens every case: one's own desk does, or a matter with a number that is of this case."""

import pytest

from tests.functions.citizen.office import PERSON


def read(desk, role, **query):
    status, answer = desk.ask("read_case", role, query=query)
    return status, [each["code"] for each in answer.get("fields", ())] or answer.get("code")


def book():
    from chepai.records.ledger import Ledger

    return [row["to"] for row in Ledger.from_env().of(f"person#{PERSON}") if row["act"] == "read"]


@pytest.mark.parametrize("role", ["clerk", "reviewer", "officer", "inspector", "supervisor"])
def test_a_case_of_another_desk_is_opened_for_a_matter_with_a_number(desk, role):
    for query in ({}, {"purpose": "case_work"}, {"purpose": "complaint"}, {"purpose": "recheck"}):
        assert read(desk, role, **query) == (422, ["missing"]), query
    assert book() == []
    assert read(desk, role, purpose="complaint", reference="12345-2026-7")[0] == 200
    (line,) = book()
    assert (line["purpose"], line["reference"]) == ("complaint", "12345-2026-7")


def test_ones_own_desk_is_a_reason_for_case_work_and_no_other(desk):
    for role in ("clerk", "reviewer", "officer", "inspector"):
        desk.put("reviewing", role)
        assert read(desk, role)[0] == 200
        assert read(desk, role, purpose="complaint") == (422, ["missing"])
        others = {"clerk", "reviewer", "officer", "inspector"} - {role}
        assert {read(desk, each)[0] for each in others} == {422}
    assert read(desk, "operator")[0] == 200, "operators answer for every open case"
    desk.office.put(desk.application_id, queue_shard=None)
    assert read(desk, "operator") == (422, ["missing"]), "and for no ended one"


def test_a_number_is_held_to_its_record_where_we_keep_it(desk):
    from chepai.records.supervision import Supervision, case_key, finding_key

    assert read(desk, "supervisor", purpose="recheck", reference="fnd_1")[0] == 422
    table, mine = Supervision.from_env(), desk.application_id
    there = "attribute_not_exists(matter)"
    table.put({**finding_key("fnd_1"), "finding_id": "fnd_1", "cases": [mine]}, when=there)
    table.put({**finding_key("fnd_2"), "finding_id": "fnd_2", "cases": ["app_x"]}, when=there)
    table.put({**case_key("20261123-0000", mine), "standing": "waiting"}, when=there)
    for reference, expected in {
        "fnd_1": 200, "fnd_2": 422, "fnd_3": 422, "draw-20261123-0000": 200,
        "draw-20261130-0000": 422, "tkt_00000000000000000000000000": 422,
    }.items():  # fmt: skip
        assert read(desk, "supervisor", purpose="recheck", reference=reference)[0] == expected
    assert [line["reference"] for line in book()] == ["fnd_1", "draw-20261123-0000"]


def test_a_number_names_nobody(desk):
    for text in ("370200199003070019", "13800138000", "a b", "x" * 65):
        assert read(desk, "clerk", purpose="complaint", reference=text) == (422, ["malformed"])
    assert book() == []


def test_a_ticket_opens_the_case_that_it_is_about(desk):
    from chepai.records.tickets import Tickets

    status, made = desk.office.call(
        "open_ticket", key="t1", body={
            "kind": "complaint", "about": "waiting", "text": "太慢了",
            "application_id": desk.application_id,
        },
    )  # fmt: skip
    assert status == 201, made
    reference = made["ticket"]["ticket_id"]
    assert read(desk, "clerk", purpose="complaint", reference=reference)[0] == 200
    Tickets.from_env().update({"ticket_id": reference}, sets={"application_id": "app_" + "9" * 26})
    assert read(desk, "clerk", purpose="complaint", reference=reference)[0] == 422


@pytest.mark.parametrize(
    ("name", "role"),
    [("read_case", "clerk"), ("read_case_evidence", "supervisor"),
     ("read_case_machine", "operator")],
)  # fmt: skip
def test_every_way_into_a_case_asks_what_ties_the_reader_to_it(desk, name, role):
    desk.office.put(desk.application_id, queue_shard=None)
    for query in (
        {},
        {"purpose": "complaint", "reference": "fnd_of_another"},
        {"purpose": "complaint", "reference": "tkt_00000000000000000000000000"},
    ):
        assert desk.ask(name, role, query=query)[0] == 422, query
    assert book() == []
