"""Who looked at my data, and my rights to it: told, questioned, copied, erased, restricted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chepai.domain.facts import FactKind
from chepai.domain.ledger import Actor
from tests.functions.citizen.office import BLIND, OTHER, PERSON, Office
from tests.functions.conftest import City


@pytest.fixture
def office(city: City, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("DATA_REQUESTS_TABLE", "chepai-sandbox-qingdao-data_requests")
    return Office(city, monkeypatch)


def read_by(office: Office, application_id: str, role: str = "clerk", **query: str) -> int:
    status, _ = office.call(
        "read_case", group="staff", person=f"sta_{role}_1", roles=role,
        query={"reference": "QD-2026-1"} | query,
        application_id=application_id,
    )  # fmt: skip
    return status


def accesses(office: Office, person: str = PERSON, **query: str) -> dict[str, Any]:
    status, told = office.call("list_my_accesses", person=person, query=query)
    assert status == 200, told
    return told


def ledger() -> Any:
    from chepai.records.ledger import Ledger

    return Ledger.from_env()


def test_who_looked_is_told_newest_first_in_plain_words(office: Office) -> None:
    case = office.file()
    assert read_by(office, case) == 200
    assert read_by(office, case, "reviewer", purpose="complaint") == 200
    newest, first = accesses(office)["accesses"]
    assert (newest["purpose"], newest["receiver"]["role"]) == ("complaint", "reviewer")
    assert newest["case"] == first["case"] == case
    assert first["receiver"]["organisation"] == "u1"
    assert first["receiver"]["officer"].startswith("off_")
    assert "sta_" not in str(newest)
    assert first["action"]["en"]["title"].startswith("a clerk got to see your case")
    assert first["action"]["zh-CN"]["title"].startswith("窗口工作人员查阅了您的")
    assert accesses(office, OTHER)["accesses"] == []


def test_who_got_it_is_named_as_people_call_them(office: Office) -> None:
    from chepai.edge.my_accesses import receiver_text

    assert receiver_text("sms-first", "notice")["zh-CN"]["title"] == "短信平台（sms-first）"
    assert receiver_text("ems", "delivery")["en"]["title"].endswith("(ems)")
    assert receiver_text("u1", "complaint")["en"]["title"] == "u1"


def test_an_access_shows_its_proof_once_it_is_sealed(office: Office) -> None:
    read_by(office, office.file())
    assert "proof" not in accesses(office)["accesses"][0]
    from chepai.records.seals import Seals

    seals = Seals.from_env()
    head = seals.begin(alg="sha-256", at="2026-11-01T00:00:00.000Z")
    seals.put({"place": f"leaf#person#{PERSON}#1", "index": 7}, when="attribute_not_exists(place)")
    assert "proof" not in accesses(office)["accesses"][0], f"a leaf beyond {head.size}"
    seals.update({"place": "log#head"}, sets={"size": 9})
    assert accesses(office)["accesses"][0]["proof"] == {"index": 7, "checkpoint_size": 9}


def test_a_purpose_that_is_none_opens_no_case(office: Office) -> None:
    case = office.file()
    for query in ({"purpose": "curiosity"}, {"purpose": "investigation"}, {"hold": "hold_1"}):
        assert read_by(office, case, **query) == 422
    assert accesses(office)["accesses"] == []


def test_pages_of_a_hundred_follow_without_gap(office: Office) -> None:
    from chepai.records.accesses import Accesses, Purpose

    by = Actor("system", "ask_partner")
    for n in range(205):
        Accesses().note(PERSON, ["name"], actor=by, purpose=Purpose("papers", f"c{n}", "p"))
    seen, cursor = [], ""
    while True:
        page = accesses(office, **({"cursor": cursor} if cursor else {}))
        seen += [each["access_id"] for each in page["accesses"]]
        assert len(page["accesses"]) <= 100
        cursor = page.get("next", "")
        if not cursor:
            break
    assert seen == [str(n) for n in range(205, 0, -1)]
    assert office.call("list_my_accesses", query={"cursor": "x"})[0] == 422


def test_an_investigation_is_told_later_while_the_paper_stands_and_no_longer(
    office: Office,
) -> None:
    case = office.file()
    place: Any = {"group": "staff", "person": "sta_aud", "person_id": PERSON}
    paper = {"authority": "COURT", "reference": "LU02-2026-77", "days": 30}

    def delay(role: str = "audit_admin", **more: Any) -> tuple[int, dict[str, Any]]:
        path: Any = {"person_id": PERSON}
        return office.call(
            "delay_disclosure", group="staff", person="sta_aud", roles=role, body=paper | more,
            **path,
        )  # fmt: skip

    assert delay("supervisor")[0] == 403
    assert delay(days=181)[0] == 422
    assert delay(reference="")[0] == 422
    stranger: Any = {"body": paper, "person_id": "370202199003071516"}
    assert office.call("delay_disclosure", roles="audit_admin", **place | stranger)[0] == 422
    assert ledger().of("delays#370202199003071516") == []
    status, held = delay()
    assert status == 201
    query = {"purpose": "investigation", "hold": held["hold"]}
    assert read_by(office, case, "officer", **query) == 200
    assert read_by(office, case, "officer", purpose="investigation") == 200
    assert read_by(office, case, "officer", purpose="investigation", hold="hold_x") == 422
    told = [each["access_id"] for each in accesses(office)["accesses"]]
    assert told == ["2"], "the one without a paper is told at once"
    key = {"doubt": "NOT_MY_CASE"}
    assert office.call("question_access", body=key, key="k", access_id="1")[0] == 404
    status, _ = office.call("end_delay", roles="audit_admin", hold=held["hold"], **place)
    assert status == 200
    assert [each["access_id"] for each in accesses(office)["accesses"]] == ["2", "1"]


def test_an_access_is_questioned_answered_and_appealed(office: Office) -> None:
    case = office.file()
    read_by(office, case)
    body = {"doubt": "NOT_NEEDED"}
    status, made = office.call("question_access", body=body, key="q1", access_id="1")
    assert status == 201, made
    assert made["due_on"] > datetime.now(UTC).date().isoformat()
    assert office.call("question_access", body=body, key="q1", access_id="1")[1] == made
    other = {"doubt": "OTHER"}
    assert office.call("question_access", body=other, key="q1", access_id="1")[0] == 422
    assert office.call("question_access", body=body, access_id="1")[0] == 400
    for nothing in ("0", "99", "x", "-1"):
        assert office.call("question_access", body=body, key="q2", access_id=nothing)[0] == 404
    assert office.call("question_access", person=OTHER, body=body, key="q", access_id="1")[0] == 404

    def staff(name: str, who: str, role: str = "supervisor", **more: Any) -> Any:
        return office.call(name, group="staff", person=who, roles=role, **more)

    assert staff("list_privacy_requests", "sta_c", "clerk")[0] == 403
    (duty,) = staff("list_privacy_requests", "sta_s")[1]["requests"]
    assert duty["request_id"] == made["request_id"]
    path = {"request_id": made["request_id"]}
    wrong = {"outcome": "DONE"}
    assert staff("answer_privacy_request", "sta_s", body=wrong, **path)[0] == 409
    said = {"outcome": "JUSTIFIED"}
    assert staff("answer_privacy_request", "sta_s", body=said, **path)[0] == 200
    assert staff("answer_privacy_request", "sta_s", body=said, **path)[0] == 409
    assert staff("list_privacy_requests", "sta_s")[1]["requests"] == []
    (mine,) = office.call("list_my_privacy_requests")[1]["requests"]
    assert mine["answer"]["outcome"] == "JUSTIFIED"
    assert "appeal" in mine
    assert office.call("appeal_privacy_answer", person=OTHER, **path)[0] == 404
    assert office.call("appeal_privacy_answer", **path)[0] == 200
    assert office.call("appeal_privacy_answer", **path)[0] == 409
    upheld = {"outcome": "UPHELD"}
    assert staff("answer_privacy_request", "sta_s", body=upheld, **path)[0] == 409, "never twice"
    assert staff("answer_privacy_request", "sta_t", "audit_admin", body=upheld, **path)[0] == 200
    assert ledger().verify(f"person#{PERSON}") is None


def test_who_looked_does_not_say_whether_they_might(office: Office) -> None:
    case = office.file()
    read_by(office, case, "supervisor", purpose="recheck")
    body = {"doubt": "NOT_NEEDED"}
    _, made = office.call("question_access", body=body, key="q1", access_id="1")
    said, path = {"outcome": "JUSTIFIED"}, {"request_id": made["request_id"]}

    def answer(who: str) -> int:
        return office.call(
            "answer_privacy_request", group="staff", person=who, roles="supervisor", body=said,
            **path,
        )[0]  # fmt: skip

    looked = ledger().of(f"person#{PERSON}")[0]["actor"]["id"]
    assert answer(looked) == 409
    assert answer("sta_other") == 200


def test_a_copy_has_everything_and_is_itself_in_the_book(office: Office) -> None:
    status, copy = office.call("copy_my_record")
    assert status == 200, copy
    assert {each["field"]: each["text"] for each in copy["fields"]} == {
        "name": "欧阳·娜", "phone": "13800138000",
    }  # fmt: skip
    assert all(each["purposes"] and each["ground"] and each["kept"] for each in copy["fields"])
    (mine,) = accesses(office)["accesses"]
    assert mine["purpose"] == "own_copy"
    assert mine["action"]["en"]["title"].startswith("You yourself")
    assert office.call("copy_my_record", aal="1")[0] == 403
    assert office.call("copy_my_record", person="per_" + "0" * 26)[0] == 403


def test_without_a_registration_everything_goes_at_once(office: Office) -> None:
    from chepai.records.people import People, PersonUnknown, Purpose

    assert office.call("erase_my_record", key="e1", aal="1")[0] == 403, "it never comes back"
    assert People.from_env().found_by(BLIND) == PERSON
    status, done = office.call("erase_my_record", key="e1")
    assert status == 201, done
    assert done["answer"]["outcome"] == "DONE"
    assert sorted(done["erased"]) == ["name", "phone"]
    people = People.from_env()
    assert people.found_by(BLIND) is None
    by = Actor("system", "ask_partner")
    with pytest.raises(PersonUnknown):
        people.read(PERSON, ["name"], actor=by, purpose=Purpose("papers", "", ""))
    assert ledger().verify(f"person#{PERSON}") is None
    assert office.call("erase_my_record", key="e1")[1] == done


def test_an_open_case_keeps_what_it_needs_and_says_so(office: Office) -> None:
    office.file()
    status, no = office.call("erase_my_record", key="e1")
    assert status == 201
    assert no["answer"]["outcome"] == "REFUSED"
    assert {each["why"] for each in no["stored"]} == {"OPEN_CASE"}
    assert "appeal" in no
    status, no = office.call("restrict_my_record", key="r1", body={})
    assert no["answer"]["outcome"] == "REFUSED"
    assert office.call("copy_my_record")[1].get("stored_only_since") is None


def test_an_owner_of_a_registered_car_is_stored_only(office: Office) -> None:
    from chepai.records.people import People, Purpose, StoredOnly

    case = office.file()
    office.put(case, status="closed", certificate_no="371234567890")
    status, part = office.call("erase_my_record", key="e1")
    assert status == 201
    assert part["answer"]["outcome"] == "PARTLY_DONE"
    assert part["erased"] == ["phone"]
    assert [(each["field"], each["why"]) for each in part["stored"]] == [("name", "ARCHIVE")]
    with pytest.raises(StoredOnly):
        People.from_env().read(
            PERSON, ["name"], actor=Actor("system", "x"), purpose=Purpose("papers", case, "p")
        )
    assert office.call("copy_my_record")[1]["stored_only_since"]
    assert People.from_env().found_by(BLIND) == PERSON


def test_a_restriction_holds_until_it_is_lifted(office: Office) -> None:
    assert office.call("restrict_my_record", key="r1", body={})[1]["answer"]["outcome"] == "DONE"
    assert office.call("copy_my_record")[1]["stored_only_since"]
    office.call("restrict_my_record", key="r2", body={"lifted": True})
    assert "stored_only_since" not in office.call("copy_my_record")[1]


def test_consent_is_for_extras_only_and_can_be_taken_back(office: Office) -> None:
    yes = {"given": True}
    assert office.call("say_consent", body=yes, purpose="insurance_push")[0] == 200
    assert office.call("say_consent", body=yes, purpose="registration")[0] == 404
    said = {e["purpose"]: e["given"] for e in office.call("copy_my_record")[1]["consents"]}
    assert said == {"satisfaction_research": False, "insurance_push": True}
    office.call("say_consent", body={"given": False}, purpose="insurance_push")
    said = {e["purpose"]: e["given"] for e in office.call("copy_my_record")[1]["consents"]}
    assert said["insurance_push"] is False
    acts = [row["act"] for row in ledger().of(f"person#{PERSON}")]
    assert [each for each in acts if each.startswith("consent")] == [
        "consent_given", "consent_withdrawn",
    ]  # fmt: skip


ID_NUMBER = "370200199003070019"
WISH = {
    "id_number": ID_NUMBER, "relative_id_number": "370202199001011237", "relation": "CHILD",
    "documents": ["DEATH_CERTIFICATE", "HOUSEHOLD_REGISTER"],
}  # fmt: skip


def known_by_number(alive: bool, office: Office) -> str:
    from chepai.edge.blind import Blind
    from chepai.records.people import People

    person = "per_" + "D" * 26
    blind = Blind.from_env()("id", ID_NUMBER)
    People.from_env().keep(person, {"name": "王沙盒", "id_number": ID_NUMBER}, blind_id=blind)
    office.fact(f"person#{person}", FactKind.IDENTITY, result="MATCH", alive=alive, id_blind=blind)
    return person


def test_a_relative_of_somebody_who_died_is_heard_and_a_supervisor_decides(office: Office) -> None:
    from chepai.records.people import People

    person = known_by_number(False, office)
    ask: Any = {"group": "staff", "roles": "clerk", "body": WISH}
    status, made = office.call("enter_relatives_wish", person="sta_c", **ask)
    assert status == 201, made
    assert ID_NUMBER not in str(made)
    path = {"request_id": made["request_id"]}
    status, said = office.call(
        "answer_privacy_request", group="staff", person="sta_s", roles="supervisor",
        body={"outcome": "GRANTED"}, **path,
    )  # fmt: skip
    assert status == 200, said
    assert (People.from_env().open_row(person) or {})["fields"] == []
    assert [row["act"] for row in ledger().of(f"person#{person}")] == [
        "read", "relative_request_entered", "read", "data_request_answered",
    ]  # fmt: skip


def test_nobody_finds_people_by_trying_numbers(office: Office) -> None:
    known_by_number(True, office)
    unknown = WISH | {"id_number": "370202199001011237"}
    answers = []
    for nth in range(25):
        body = WISH if nth % 2 else unknown
        status, answer = office.call(
            "enter_relatives_wish", group="staff", person="sta_c", roles="clerk", body=body
        )
        answers.append((status, answer["code"], len(str(answer))))
    assert len(set(answers[:20])) == 1, "alive and unknown look alike"
    assert answers[0][:2] == (404, "VR-706")
    assert {each[0] for each in answers[20:]} == {429}


def test_what_was_kept_long_enough_goes_and_the_ledger_says_so(office: Office) -> None:
    from chepai.records.people import People

    case = office.file()
    office.put(case, status="closed", certificate_no="371234567890")
    look = office.city.function("background", "end_retention")
    from chepai.edge.keeping_no_longer import Retention

    retention, at = Retention.from_env(), datetime.now(UTC)
    look({})
    assert retention.look(at + timedelta(days=31), days_back=2) == 1, "who filed nothing"
    assert (People.from_env().open_row(OTHER) or {})["fields"] == []
    assert (People.from_env().open_row(PERSON) or {})["fields"] == ["name", "phone"]
    assert retention.look(at + timedelta(days=91), days_back=2) == 1
    assert (People.from_env().open_row(PERSON) or {})["fields"] == ["name"]
    ends = [row["to"] for row in ledger().of(f"person#{PERSON}") if row["act"] == "data_ended"]
    assert ends == [{"fields": {"phone": "courier"}}]
    assert ledger().verify(f"person#{PERSON}") is None
    assert retention.look(at + timedelta(days=400), days_back=400) == 0
