"""One-to-one at a counter: who sits there, what a clerk may do for them, and what is kept of it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chepai.domain.facts import FactKind
from chepai.edge import counter, on_behalf
from chepai.edge.clock import today
from chepai.edge.roles import AT_A_COUNTER, CITIZEN, KEPT_FROM_COUNTERS, ROUTES
from chepai.records.ledger import Ledger
from tests.functions.citizen.office import OTHER, PERSON, VIN, Office

CLERK, COLLEAGUE = "sta_clerk_1", "sta_clerk_2"
READING = "idr_" + "0" * 25 + "1"
AGENT_ID = "per_01JZZZZZZZZZZZZZZZZZZZZZZ9"


def reading(n):
    return "idr_" + f"{n:026d}"


class Counter(Office):
    """An office with a desk: somebody sits down and lays a card on the reader."""

    session = ""

    def reads(self, n=1, person=PERSON, ago=1, **more):
        """The police tell of a card that was read."""
        says = {"result": "MATCH", "method": "ID_CHIP", "alive": True, "born": 1950} | more
        self.fact(
            f"person#{person}", FactKind.IDENTITY, ago=ago, reference=reading(n),
            id_blind="a1" * 32, id_masked="370***********0019", name_masked="**娜", **says,
        )  # fmt: skip
        return reading(n)

    def staff(self, name, *, who=CLERK, role="clerk", **more):
        return self.call(name, group="staff", person=who, roles=role, **more)

    def opens(self, n=1, person=PERSON, who=CLERK, **more):
        said = {"person_id": person, "reading": reading(n), "present": True, "consent": "SPOKEN"}
        answer = self.staff("open_counter_session", who=who, body=said | more)
        self.session = answer[1].get("session_id", self.session)
        return answer

    def serves(self, name, *, person=PERSON, who=CLERK, group="citizen", session="", **more):
        """A citizen's route, called by the clerk for who sits there."""
        return self.call(
            name, group=group, person=who, roles="clerk", on_behalf_of=person,
            counter_session=session or self.session, **more,
        )  # fmt: skip

    def ends(self, session="", who=CLERK):
        return self.staff("close_counter_session", who=who, session_id=session or self.session)

    def file_known(self, blind):
        """A case of a person whom the office finds by their ID number."""
        self.fact(f"vin#{VIN}", FactKind.INVOICE, ago=1, buyer_blind=blind, invoice_no="1" * 20,
                  status="NORMAL", kind="NEW_VEHICLE", vin=VIN, price_fen=100,
                  issued_on="2026-11-01", form="DIGITAL")  # fmt: skip
        return self.file()

    def files(self):
        status, made = self.serves("register_new_car", body={"vin": VIN}, key="k1")
        assert status == 201, made
        return made["application_id"]


def book(person=PERSON):
    return Ledger.from_env().of(f"person#{person}")


@pytest.fixture
def office(city, monkeypatch):
    on_behalf._powers.cache_clear()
    on_behalf._sessions.cache_clear()
    made = Counter(city, monkeypatch)
    made.reads()
    return made


# Who sits there


def test_a_session_opens_on_the_word_of_the_police_about_the_card_read_here(office):
    status, session = office.opens(aids=["LARGE_PRINT"])
    assert status == 201, session
    assert session["person"] == {
        "person_id": PERSON, "name_masked": "**娜", "id_masked": "370***********0019",
        "elder": True,
    }  # fmt: skip
    assert (session["method"], session["aids"]) == ("ID_CHIP", ["LARGE_PRINT"])
    read, opened = book()
    assert (read["act"], read["to"]["purpose"]) == ("read", "counter")
    assert opened["act"] == "session_opened"
    assert opened["actor"] == {
        "role": "clerk", "id": CLERK, "unit": "u1", "for": PERSON, "session": session["session_id"],
    }  # fmt: skip
    # Sent again, it is the same session.
    assert office.opens()[1]["session_id"] == session["session_id"]


def test_nothing_opens_without_a_fresh_reading_of_this_person(office):
    assert office.opens(2)[1]["code"] == "VR-221"
    wrongs: tuple[dict[str, Any], ...] = (
        {"ago": 301},
        {"method": "FACE"},
        {"result": "MISMATCH"},
        {"alive": False},
        {"person": OTHER},
    )
    for n, wrong in enumerate(wrongs, start=3):
        office.reads(n, **{"ago": 10 - n, **wrong})
        assert office.opens(n)[1]["code"] == "VR-221", wrong
    assert book() == []


def test_presence_and_consent_are_said_or_nothing_opens(office):
    for missing in ({"present": False}, {"consent": "NONE"}):
        assert office.opens(**missing)[0] == 422


def test_one_person_a_session_and_a_reading_opens_one(office):
    office.opens()
    first = office.session
    office.reads(2, OTHER, ago=0)
    assert office.opens(2, OTHER)[1]["code"] == "VR-222"
    # A colleague's desk is another one; but the card that was read here opens nothing there.
    assert office.opens(1, who=COLLEAGUE)[1]["code"] == "VR-221"
    assert office.opens(2, OTHER, who=COLLEAGUE)[0] == 201
    assert office.ends(first)[1]["minutes"] == 1
    assert office.ends(first)[0] == 200
    # The reading has had its session.
    assert office.opens()[1]["code"] == "VR-221"
    assert [row["act"] for row in book()].count("session_closed") == 1


def test_a_session_ends_by_itself_and_frees_the_desk(office, monkeypatch):
    office.opens()
    case = {"application_id": office.files()}
    assert office.serves("read_application", **case)[0] == 200
    later = datetime.now(UTC) + timedelta(minutes=45)
    monkeypatch.setattr(on_behalf, "now", lambda: later)
    assert office.serves("read_application", **case)[1]["code"] == "VR-220"
    monkeypatch.setattr(counter, "now", lambda: later)
    assert "running" not in office.staff("list_counter_sessions")[1]
    office.fact(f"person#{OTHER}", FactKind.IDENTITY, ago=-2700, reference=reading(2),
                result="MATCH", method="ID_CHIP", alive=True)  # fmt: skip
    assert office.opens(2, OTHER)[0] == 201
    _, desk = office.staff("list_counter_sessions")
    assert desk["running"]["person"]["person_id"] == OTHER
    assert desk["today"] | {"day": ""} == {
        "day": "", "unit": "u1", "sessions": 2, "minutes": 46, "longest_minutes": 45, "elders": 1,
        "read_backs": 0,
    }  # fmt: skip


def test_a_clerk_opens_no_session_with_themselves(office):
    said = {"person_id": PERSON, "reading": reading(1), "present": True, "consent": "SPOKEN"}
    answer = office.staff("open_counter_session", body=said, citizen=PERSON)
    assert answer[1]["code"] == "VR-210"


def test_a_case_begun_on_a_phone_goes_on_by_its_code(office):
    case = office.file()
    _, code = office.call("make_counter_code", application_id=case)
    status, session = office.opens(code=code["code"])
    assert (status, session["application_id"]) == (201, case)
    # Nothing is entered twice: it is the same case, with all that was done.
    assert office.serves("read_application", application_id=case)[0] == 200
    office.reads(2, OTHER, ago=0)
    assert office.opens(2, OTHER, who=COLLEAGUE, code=code["code"])[0] == 404


# What a clerk may do in a session


def test_both_are_named_in_the_ledger_and_what_is_shown_is_in_the_book_before(office):
    office.opens()
    case = office.files()
    (entry,) = Ledger.from_env().of(case)
    assert (entry["actor"]["role"], entry["actor"]["id"]) == ("clerk", CLERK)
    assert (entry["actor"]["for"], entry["actor"]["session"]) == (PERSON, office.session)
    before = len(book())
    assert office.serves("read_application", application_id=case)[0] == 200
    (line,) = book()[before:]
    assert (line["to"]["purpose"], line["to"]["case"]) == ("counter", case)
    assert line["to"]["fields"] == ["case", "facts", "number", "vin"]
    # What somebody else's case is, nobody learns at a counter, and nothing is said to be seen.
    assert office.serves("read_application", application_id="app_" + "7" * 26)[0] == 404
    assert len(book()) == before + 1


def test_what_cannot_be_entered_does_not_leave(office, monkeypatch):
    from chepai.records.accesses import Accesses
    from chepai.records.table import TryAgain

    office.opens()
    case = office.files()

    def full(*_, **__):
        raise TryAgain

    monkeypatch.setattr(Accesses, "append_to", full)
    status, answer = office.serves("read_application", application_id=case)
    assert (status, answer["code"]) == (503, "VR-901")
    assert "vin" not in answer


def test_no_session_no_role(office):
    case = {"application_id": office.file()}
    office.opens()
    session = office.session

    def code(**more):
        asked = {"on_behalf_of": PERSON, "counter_session": session} | more
        return office.call("read_application", roles="clerk", **case, **asked)[1]["code"]

    assert code(person=CLERK, counter_session="") == "VR-202"
    assert code(person=COLLEAGUE) == "VR-220"
    assert code(person=CLERK, counter_session="cse_" + "1" * 26) == "VR-220"
    assert code(person=CLERK, counter_session="clerk#" + CLERK) == "VR-220"
    assert code(person=CLERK, on_behalf_of="") == "VR-220"
    assert code(person=CLERK, on_behalf_of=OTHER) == "VR-314"
    office.ends()
    assert code(person=CLERK) == "VR-220"


def test_every_route_of_a_citizen_is_decided():
    citizens = {key for key, roles in ROUTES.items() if CITIZEN in roles}
    # What is asked and complained about is entered at a desk by a route of the desk's own.
    tickets = {key for key in citizens if "/tickets" in key or "/ratings" in key}
    served = {key for key in AT_A_COUNTER if CITIZEN in ROUTES[key]}
    assert served.isdisjoint(KEPT_FROM_COUNTERS)
    assert served | KEPT_FROM_COUNTERS | tickets == citizens


def test_what_is_signed_at_a_counter_was_read_out_and_bears_the_persons_mark(office):
    office.opens()
    case = {"application_id": office.files()}
    office.ready_to_choose(case["application_id"])
    digest = office.serves("read_application", **case)[1]["confirmation"]["digest"]
    sign = {"digest": digest, "declared_true": True}
    assert office.serves("sign_application", body=sign, **case)[1]["code"] == "VR-223"

    def reads_back(**more):
        said = {"digest": digest, "read_out": True, "strokes": [[1, 2, 3, 4], [5, 6]]} | more
        return office.serves("read_back", group="staff", body=said, **case)

    assert reads_back(strokes=[])[0] == 422
    assert reads_back(slip_no="S-1")[0] == 422
    assert reads_back(digest="0" * 64)[0] == 409
    status, done = reads_back()
    assert (status, done["signed_on"]) == (200, "PAD"), done
    status, signed = office.serves("sign_application", body=sign, **case)
    assert status == 200, signed
    entry = Ledger.from_env().of(case["application_id"])[-1]
    assert entry["act"] == "signed"
    assert {"reference": f"mark/{done['mark']}"} in entry["evidence"]
    kept = [row for row in book() if row["act"] == "read_back"]
    assert kept[0]["to"]["digest"] == digest
    # The strokes themselves are in the vault and nowhere else.
    rows = json.dumps(
        [office.city.rows(table) for table in ("sessions", "ledger", "applications")], default=str
    )
    assert "[1,2,3,4]" not in rows.replace(" ", "")
    assert done["mark"] in rows


def test_who_cannot_draw_signs_on_paper(office):
    office.opens()
    case = {"application_id": office.files()}
    office.ready_to_choose(case["application_id"])
    digest = office.serves("read_application", **case)[1]["confirmation"]["digest"]
    said = {"digest": digest, "read_out": True, "slip_no": "S-2026-0001"}
    _, done = office.serves("read_back", group="staff", body=said, **case)
    assert (done["signed_on"], done["mark"]) == ("PAPER", "S-2026-0001")
    sign = {"digest": digest, "declared_true": True}
    assert office.serves("sign_application", body=sign, **case)[0] == 200


def test_who_sits_there_as_an_agent_acts_within_their_power(office):
    until = (today() + timedelta(days=30)).isoformat()
    power = {"agent_id": AGENT_ID, "services": ["new_car"], "until": until}
    assert office.call("give_power", body=power)[0] == 201
    office.reads(5, AGENT_ID, ago=0)
    assert office.opens(5, AGENT_ID)[0] == 201
    _, mine = office.serves("list_my_powers", person=AGENT_ID)
    assert [each["principal_id"] for each in mine["held"]] == [PERSON]
    case = {"application_id": office.files()}
    (entry,) = Ledger.from_env().of(case["application_id"])
    assert (entry["actor"]["role"], entry["actor"]["for"]) == ("clerk", PERSON)
    assert office.serves("read_progress", **case)[0] == 200
    # What is the owner's own is no agent's, at a counter as little as elsewhere.
    for name, more in (
        ("withdraw_application", case),
        ("reissue_certificate", {"body": {"vin": VIN, "reason": "LOST"}, "key": "k9"}),
        ("read_me", {}),
    ):
        assert office.serves(name, **more)[1]["code"] == "VR-202", name
    assert office.call("revoke_power", agent_id=AGENT_ID)[0] == 200
    assert office.serves("read_progress", **case)[1]["code"] == "VR-314"


def test_a_power_can_be_given_at_a_counter_by_who_sits_there(office):
    office.opens()
    until = (today() + timedelta(days=30)).isoformat()
    power = {"agent_id": AGENT_ID, "services": ["new_car"], "until": until}
    assert office.serves("give_power", body=power)[0] == 201
    _, mine = office.call("list_my_powers")
    assert mine["given"][0]["agent_id"] == AGENT_ID
    given = next(row for row in book() if row["act"] == "power_given")
    assert (given["actor"]["id"], given["actor"]["for"]) == (CLERK, PERSON)
    assert office.serves("revoke_power", agent_id=AGENT_ID)[1]["revoked_at"]


def test_who_reads_no_texts_is_told_by_letter_or_call(office):
    from chepai.edge.casework import PHONE_CHANGED, notice
    from chepai.records.applications import Applications

    office.opens()
    body = {"vin": VIN, "notice_by": "LETTER"}
    _, made = office.serves("register_new_car", body=body, key="k1")
    case = Applications.from_env().read(made["application_id"])
    assert (case.channel, case.filed_by, case.notice_by) == ("elder", "owner", "LETTER")
    assert notice(case, "registered", "msg_1").type == "letter.ordered"
    # A change of number is told to the number before, whatever else they chose.
    assert notice(case, PHONE_CHANGED, "msg_2").type == "sms.ordered"


# The cash desk


@pytest.fixture
def to_pay(office):
    """Somebody at the desk whose fee is ordered."""
    office.opens()
    case = office.files()
    office.put(case, status="awaiting_fee", address_kept_at="2026-11-01T00:00:00.000Z")
    status, order = office.serves("order_payment", application_id=case, key="p1")
    assert status == 201, order
    office.told("payment.ordered")
    return case, order["amount_fen"]


def takes(office, case, **more):
    return office.serves("take_fee", group="staff", application_id=case, body=more)


def test_cash_is_taken_once_with_a_receipt_and_the_treasury_is_told(office, to_pay):
    case, fee = to_pay
    said = {"method": "CASH", "amount_fen": fee, "handed_fen": 20000}
    status, receipt = takes(office, case, **said)
    assert status == 201, receipt
    assert (receipt["change_fen"], receipt["confirmed"]) == (20000 - fee, False)
    (told,) = office.told("payment.taken")
    assert told["refs"] == {
        "payment_id": receipt["payment_id"], "amount_fen": fee, "method": "CASH",
        "receipt_no": receipt["receipt_no"],
    }  # fmt: skip
    # A double press is the same receipt, told once more under the same message.
    again = takes(office, case, **said | {"handed_fen": 30000})[1]
    assert again == receipt
    assert [each["message_id"] for each in office.told("payment.taken")] == [told["message_id"]]
    acts = [row["act"] for row in Ledger.from_env().of(case)]
    assert acts.count("fee_taken") == 1


def test_what_is_taken_is_the_fee(office, to_pay):
    case, fee = to_pay
    for wrong in (
        {"amount_fen": 1, "handed_fen": 20000},
        {"handed_fen": 1},
        {},
        {"method": "CARD"},
        {"method": "CARD", "terminal_slip": "13800138000"},
    ):
        assert takes(office, case, **{"method": "CASH", "amount_fen": fee} | wrong)[0] == 422
    assert office.told("payment.taken") == []


def test_nothing_is_taken_before_it_is_ordered(office):
    office.opens()
    case = office.files()
    office.put(case, status="awaiting_fee")
    assert takes(office, case, method="CASH", amount_fen=1, handed_fen=1)[1]["code"] == "VR-303"


def test_the_day_is_counted_against_receipts_and_the_treasury(office, to_pay):
    case, fee = to_pay
    takes(office, case, method="CASH", amount_fen=fee, handed_fen=fee)
    day = today().isoformat()
    _, seen = office.staff("list_takings")
    assert (seen["cash_fen"], seen["card_fen"], seen["unconfirmed"]) == (fee, 0, 1)
    from chepai.records.applications import stamp
    from chepai.records.payments import CAPTURED, Payments
    from chepai.records.table import transact

    paid = seen["receipts"][0]["payment_id"]
    transact(Payments.from_env().moving(paid, to=CAPTURED, at=stamp(datetime.now(UTC))))
    _, count = office.staff("count_takings", body={"counted_fen": fee - 100}, day=day)
    assert (count["expected_fen"], count["difference_fen"]) == (fee, -100)
    _, seen = office.staff("list_takings")
    assert (seen["unconfirmed"], seen["count"]["difference_fen"]) == (0, -100)
    # Counted again, the newest stands; both are in the ledger.
    office.staff("count_takings", body={"counted_fen": fee}, day=day)
    assert office.staff("list_takings")[1]["count"]["difference_fen"] == 0
    assert len(Ledger.from_env().of("desk#u1")) == 2
    assert office.staff("count_takings", body={"counted_fen": 1}, day="today")[0] == 422


# The telephone


def looks_up(office, case, number="370200195002151230", **more):
    body = {"case": case, "id_number": number}
    return office.call(
        "look_up_case", group="staff", person="sta_hotline_1", roles="hotline", body=body, **more
    )


def test_who_calls_hears_the_very_sentence_of_their_own_page(office):
    from chepai.edge.blind import Blind
    from chepai.records.people import People

    number = "370200195002151230"
    People.from_env().keep(PERSON, {"id_number": number}, blind_id=Blind.from_env()("id", number))
    # The invoice was to the index that the office knew the person by before.
    case = office.file_known(Blind.from_env()("id", number))
    _, page = office.call("read_progress", application_id=case)
    for said in (case, case[-6:], f" {case[-6:-3].lower()} {case[-3:]} "):
        status, heard = looks_up(office, said)
        assert status == 200, heard
        assert heard["spoken"] == case[-6:]
        for words in ("status_text", "holder_text", "standing", "reasons", "latest_end"):
            assert heard[words] == page[words], words
        assert VIN not in json.dumps(heard, ensure_ascii=False)
    line = book()[-1]
    assert (line["act"], line["to"]["purpose"], line["to"]["case"]) == ("read", "hotline", case)
    assert line["actor"]["id"] == "sta_hotline_1"
    # Unknown, foreign and mistaken are one answer.
    lines = len(book())
    wrong = [looks_up(office, case, "370200195002151249"), looks_up(office, "app_" + "7" * 26),
             looks_up(office, "ZZZZZZ")]  # fmt: skip
    assert {(status, answer["code"]) for status, answer in wrong} == {(404, "VR-224")}
    assert len(book()) == lines
    assert looks_up(office, case, citizen=PERSON)[1]["code"] == "VR-210"


# Inspections and reviews at a desk


def test_the_inspections_of_a_day_are_listed_until_they_are_entered(office):
    case = office.file()
    day = (today() + timedelta(days=3)).isoformat()
    office.put(case, status="on_site_required")
    sites = office.call("list_inspection_slots", query={"site": "vmo-main"})[1]
    day = sites["sites"][0]["day"]
    wish = {"site_id": "vmo-main", "day": day, "at": "09:00"}
    assert office.call("book_inspection", application_id=case, body=wish)[0] == 200

    def listed(**query):
        return office.call(
            "list_inspections", group="staff", person="sta_inspector_1", roles="inspector",
            query={"site": "vmo-main", "day": day} | query,
        )  # fmt: skip

    (due,) = listed()[1]["appointments"]
    assert (due["at"], due["bay"], due["to_enter"]) == ("09:00", 1, True)
    assert due["vin_masked"].endswith(VIN[-6:])
    assert VIN not in json.dumps(due)
    assert (book()[-1]["to"]["purpose"], book()[-1]["to"]["case"]) == ("work_list", case)
    found = {"vin": VIN, "result": "PASSED", "recording_no": "R-1", "inspector_no": "Q-1"}
    status, _ = office.call(
        "enter_inspection", group="staff", person="sta_inspector_1", roles="inspector",
        body=found, application_id=case,
    )  # fmt: skip
    assert status == 200
    assert listed()[1]["appointments"][0]["to_enter"] is False
    assert listed(day="2026-01-01")[1]["appointments"] == []
    assert listed(site="nowhere")[0] == 404


def test_a_review_is_claimed_by_one_and_returns_when_the_claim_lapses(office, monkeypatch):
    from chepai.edge import acting, judging
    from chepai.records.applications import Applications

    office.opens()
    case = office.files()
    office.put(case, status="reviewing", flagged="F10", accepted_at="2026-11-01T00:00:00.000Z")

    def staff(name, who, body=None, role="reviewer"):
        return office.call(
            name, group="staff", person=who, roles=role, body=body, application_id=case
        )

    def decides(who):
        version = Applications.from_env().read(case).version
        return staff("decide_review", who, {"decision": "APPROVED", "version": version})

    first, second = "sta_reviewer_1", "sta_reviewer_2"
    # Who entered a case never decides it, whatever other role they hold.
    assert staff("claim_review", CLERK)[1]["code"] == "VR-310"
    assert decides(CLERK)[1]["code"] == "VR-310"
    status, claimed = staff("claim_review", first)
    assert (status, claimed["review"]["claim"]["by"]) == (200, first)
    assert staff("claim_review", second)[1]["code"] == "VR-225"
    assert decides(second)[1]["code"] == "VR-225"
    later = datetime.now(UTC) + timedelta(minutes=61)
    for module in (acting, judging):
        monkeypatch.setattr(module, "now", lambda: later)
    assert staff("claim_review", second)[0] == 200
    status, done = decides(second)
    assert (status, done["status"]) == (200, "approved")
    assert "claim" not in done["review"]
