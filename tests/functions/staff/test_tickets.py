"""Tickets from both sides: sealed words, days, distance, two answers, rating, call back, time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chepai.domain.disclosure import officer
from chepai.records.table import Table
from infra.stacks.records import TABLES
from tests.functions.citizen.office import OTHER, PERSON, Office
from tests.functions.conftest import PLACE, a_city
from tests.functions.staff.conftest import remove

SECRET = "我的电话是13800138000，王某某态度很差"


class Both:
    """Somebody who asks, and the desks that answer."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def asks(self, key: str = "k1", person: str = PERSON, **body: Any) -> tuple[int, Any]:
        said = {"kind": "complaint", "text": SECRET} | body
        return self.office.call("open_ticket", body=said, key=key, person=person)

    def opened(self, **body: Any) -> str:
        status, made = self.asks(**body)
        assert status == 201, made
        return str(made["ticket"]["ticket_id"])

    def mine(self, ticket_id: str, person: str = PERSON) -> dict[str, Any]:
        status, seen = self.office.call("read_my_ticket", person=person, ticket_id=ticket_id)
        assert status == 200, seen
        return seen

    def does(self, name: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        return self.office.call(name, body=body, **more)

    def desk(
        self, name: str, role: str = "hotline", body: Any = None, who: str = "", **more: Any
    ) -> tuple[int, Any]:
        return self.office.call(
            name, group="staff", person=who or f"sta_{role}_1", roles=role, body=body, **more
        )

    def works(
        self, name: str, ticket_id: str, role: str = "hotline", who: str = "", **body: Any
    ) -> tuple[int, Any]:
        return self.desk(
            name, role, body | {"version": self.version(ticket_id)}, who, ticket_id=ticket_id
        )

    def answered(self, ticket_id: str, role: str = "hotline", who: str = "") -> None:
        assert self.works("claim_ticket", ticket_id, role, who)[0] == 200
        said = {"text": "已核实，向您致歉。", "final": True}
        status, made = self.works("answer_ticket", ticket_id, role, who, **said)
        assert status == 200, made

    def row(self, ticket_id: str) -> dict[str, Any]:
        from chepai.records.tickets import Tickets

        return Tickets.from_env().get({"ticket_id": ticket_id}) or {}

    def version(self, ticket_id: str) -> int:
        return int(self.row(ticket_id)["version"])

    def set(self, ticket_id: str, **sets: Any) -> None:
        from chepai.records.tickets import Tickets

        Tickets.from_env().update({"ticket_id": ticket_id}, sets=sets)

    def history(self, ticket_id: str) -> list[dict[str, Any]]:
        from chepai.records.ledger import Ledger

        entries, broken = Ledger.from_env().read(f"ticket#{ticket_id}")
        assert broken is None
        return entries

    def listed(self, view: str, role: str = "hotline", who: str = "") -> list[str]:
        status, seen = self.desk("list_tickets", role, who=who, query={"view": view})
        assert status == 200, seen
        return [each["ticket_id"] for each in seen["tickets"]]

    def time_comes(self) -> dict[str, int]:
        from chepai.edge.ticket_chasing import TicketChasing

        return TicketChasing.from_env().all_due()


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """One for all of these: to make a city takes longer than to ask it."""
    with pytest.MonkeyPatch.context() as patch, a_city(patch) as city:
        for table in ("tickets", "data_requests"):
            patch.setenv(f"{table.upper()}_TABLE", PLACE.name(table))
        yield Office(city, patch)


@pytest.fixture
def both(office: Office) -> Both:
    for table in ("tickets", "data_requests", "applications", "ledger", "rates"):
        declared = TABLES[table]
        for row in office.city.rows(table):
            key = {name: row[name] for name in (declared.key, declared.sort) if name}
            remove(Table(PLACE.name(table)), **key)
    office.city.rows_waiting("questions")
    return Both(office)


def ago(**time: float) -> str:
    from chepai.records.applications import stamp

    return stamp(datetime.now(UTC) - timedelta(**time))


def test_what_was_written_is_sealed_everywhere_and_opens_for_its_writer(both: Both) -> None:
    ticket_id = both.opened()
    kept = str(both.row(ticket_id)) + str(both.office.city.rows("ledger"))
    assert SECRET not in kept
    assert "13800138000" not in str(both.row(ticket_id))
    seen = both.mine(ticket_id)
    assert [each["text"] for each in seen["words"]] == [SECRET]
    assert seen["rule"]["rule_id"] == "tickets.ordinary"
    assert seen["due_on"] <= (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert seen["may"] == ["message", "withdraw"]
    other: Any = {"person": OTHER, "ticket_id": ticket_id}
    assert both.does("read_my_ticket", **other)[0] == 404
    assert both.does("withdraw_ticket", **other)[0] == 404
    assert both.asks(text="  ")[0] == 422


def test_sent_twice_it_is_one_ticket_and_another_body_is_no_repetition(both: Both) -> None:
    first, again = both.asks(), both.asks()
    assert first[1]["ticket"]["ticket_id"] == again[1]["ticket"]["ticket_id"]
    assert both.asks(text="别的")[0] in {409, 422}
    status, seen = both.does("list_my_tickets")
    assert (status, len(seen["tickets"])) == (200, 1)
    assert "words" not in seen["tickets"][0]


def test_two_answers_an_extension_and_a_good_rating(both: Both) -> None:
    ticket_id = both.opened()
    assert both.listed("unassigned") == [ticket_id]
    assert both.works("answer_ticket", ticket_id, text="x", final=True)[0] == 409
    assert both.works("claim_ticket", ticket_id)[0] == 200
    assert both.works("claim_ticket", ticket_id, who="sta_hotline_2")[0] == 409
    assert both.listed("unassigned") == []
    assert both.listed("mine") == [ticket_id]
    assert both.works("answer_ticket", ticket_id, text="已收到", final=False)[0] == 200
    assert both.works("answer_ticket", ticket_id, text="已收到", final=False)[0] == 409
    before = both.mine(ticket_id)["due_on"]
    status, made = both.works("extend_ticket", ticket_id, because="EXPERT", text="需要鉴定")
    assert status == 200, made
    seen = both.mine(ticket_id)
    assert seen["due_on"] > before
    assert seen["extended"]["from_day"] == before
    assert both.works("extend_ticket", ticket_id, because="EXPERT", text="再延")[0] == 409
    assert both.does("add_to_ticket", {"text": "补充"}, key="m1", ticket_id=ticket_id)[0] == 200
    assert both.does("add_to_ticket", {"text": "补充"}, key="m1", ticket_id=ticket_id)[0] == 200
    assert both.works("answer_ticket", ticket_id, text="已办妥", final=True)[0] == 200
    seen = both.mine(ticket_id)
    assert [each["what"] for each in seen["words"]] == [
        "asked", "first_answer", "extension", "message", "answer",
    ]  # fmt: skip
    assert seen["words"][-1]["officer"] == officer("sta_hotline_1")
    assert "sta_hotline" not in str(seen)
    assert both.does("rate_answer", {"score": 5}, ticket_id=ticket_id)[0] == 200
    seen = both.mine(ticket_id)
    assert (seen["state"], seen["may"]) == ("closed", [])
    assert both.does("rate_answer", {"score": 1}, ticket_id=ticket_id)[0] == 409
    _, told = both.does("list_my_messages")
    assert [each["code"] for each in told["messages"]] == [
        "ticket_answered", "ticket_extended", "ticket_first_answered",
    ]  # fmt: skip
    assert seen["extended"]["to_day"] in told["messages"][1]["texts"]["en"]["detail"]
    acts = [each["act"] for each in both.history(ticket_id)]
    assert acts == [
        "ticket_received", "ticket_claimed", "ticket_first_answered", "ticket_extended",
        "ticket_words_added", "ticket_answered", "ticket_rated",
    ]  # fmt: skip
    assert both.version(ticket_id) == len(acts)


def test_a_bad_rating_is_called_back_by_somebody_else(both: Both) -> None:
    ticket_id = both.opened()
    both.answered(ticket_id)
    said = {"score": 1, "text": "没有解决"}
    status, seen = both.does("rate_answer", said, ticket_id=ticket_id)
    assert (status, seen["state"]) == (200, "call_back")
    assert both.listed("unassigned") == []
    assert both.works("claim_ticket", ticket_id)[0] == 404
    assert both.works("claim_ticket", ticket_id, who="sta_hotline_2")[0] == 200
    end: Any = {"who": "sta_hotline_2", "text": "已电话致歉"}
    assert both.works("close_ticket", ticket_id, ending="said_twice", **end)[0] == 409
    assert both.works("close_ticket", ticket_id, ending="called_back", **end)[0] == 200
    assert both.mine(ticket_id)["state"] == "closed"
    _, figures = both.desk("read_ticket_figures", "supervisor")
    complaints = next(each for each in figures["kinds"] if each["kind"] == "complaint")
    assert (complaints["received"], complaints["on_time_percent"]) == (1, 100)
    assert (complaints["bad"], complaints["called_back"], complaints["average_score"]) == (1, 1, 1)
    assert complaints["median_hours"] == 0.5
    assert both.desk("read_ticket_figures", "supervisor", query={"month": "x"})[0] == 422


def test_a_complaint_never_comes_to_whoever_it_is_about(both: Both) -> None:
    named = both.opened(key="k1", officer=officer("sta_hotline_1"))
    assert both.listed("unassigned") == []
    assert both.listed("unassigned", who="sta_hotline_2") == [named]
    assert both.works("claim_ticket", named)[0] == 404
    assert both.desk("read_ticket", ticket_id=named)[0] == 404

    case = both.office.file()
    both.office.put(case, status="kept_for_pick_up")
    from chepai.domain.ledger import Actor
    from chepai.records.applications import Applications

    cases = Applications.from_env()
    cases.change(cases.read(case), actor=Actor("operator", "sta_operator_1"), act="handed_over",
                 at=datetime.now(UTC))  # fmt: skip
    about = both.opened(key="k2", application_id=case)
    assert about not in both.listed("unassigned", "operator")
    assert both.works("claim_ticket", about, "operator")[0] == 404
    assert both.works("claim_ticket", about, "operator", "sta_operator_2")[0] == 200
    cases.change(cases.read(case), actor=Actor("operator", "sta_operator_2"), act="handed_over",
                 at=datetime.now(UTC))  # fmt: skip
    answer: Any = {"text": "好", "final": True}
    later = both.works("answer_ticket", about, "operator", "sta_operator_2", **answer)
    assert later[0] == 404, "who had a hand in it since decides nothing"
    assert both.asks(key="k3", application_id="app_" + "7" * 26)[0] == 404


def test_an_accusation_is_confidential(both: Both) -> None:
    ticket_id = both.opened(kind="accusation", about="staff")
    for role in ("clerk", "hotline", "operator"):
        assert both.listed("unassigned", role) == []
        assert both.desk("read_ticket", role, ticket_id=ticket_id)[0] == 404
    assert both.listed("unassigned", "audit_admin") == [ticket_id]
    status, seen = both.desk("read_ticket", "supervisor", ticket_id=ticket_id)
    assert status == 200
    assert [each["text"] for each in seen["words"]] == [SECRET]
    assert PERSON not in str(both.history(ticket_id))
    both.answered(ticket_id, "supervisor")
    assert both.office.told("sms.ordered") == []


def test_every_reading_is_in_the_book_before_the_words_leave(both: Both) -> None:
    ticket_id = both.opened()
    assert both.listed("unassigned") == [ticket_id]
    _, told = both.does("list_my_accesses")
    assert told["accesses"] == [], "a list tells of nobody"
    status, seen = both.desk("read_ticket", ticket_id=ticket_id)
    assert status == 200
    assert "words" not in seen, "who does not hold it opens nothing"
    assert both.works("claim_ticket", ticket_id)[0] == 200
    _, seen = both.desk("read_ticket", ticket_id=ticket_id)
    assert seen["words"][0]["text"] == SECRET
    _, told = both.does("list_my_accesses")
    assert [(each["purpose"], each["fields"]) for each in told["accesses"]] == [
        ("complaint", ["ticket"])
    ] * 2
    anonymous: Any = {"channel": "phone", "kind": "consult", "text": "几点开门", "contact": "王"}
    _, made = both.desk("take_in_ticket", body=anonymous, key="p1")
    both.works("claim_ticket", made["ticket_id"])
    _, seen = both.desk("read_ticket", ticket_id=made["ticket_id"])
    assert [each["what"] for each in seen["words"]] == ["asked", "contact"]
    from chepai.records.ledger import Ledger

    assert len(Ledger.from_env().of(f"reads#{made['ticket_id']}")) == 1


def test_the_hotline_answers_at_once_and_hands_to_nobody(both: Both) -> None:
    case = both.office.file()
    body: Any = {
        "channel": "phone", "kind": "consult", "text": "车牌什么时候到", "application_id": case,
        "answer": "预计明天送达。",
    }  # fmt: skip
    status, made = both.desk("take_in_ticket", body=body, key="p1")
    assert (status, made["ticket"]["state"]) == (201, "answered")
    assert both.listed("unassigned") == []
    seen = both.mine(made["ticket_id"])
    assert [each["what"] for each in seen["words"]] == ["asked", "answer"]
    assert seen["may"] == ["rate"]
    (message,) = both.office.told("sms.ordered")
    assert message["refs"]["template"] == "ticket_answered"
    _, figures = both.desk("read_ticket_figures", "operator")
    assert figures["total"]["at_first_contact_percent"] == 100
    anonymous = {**body, "application_id": None}
    _, made = both.desk("take_in_ticket", body=anonymous, key="p2")
    assert both.row(made["ticket_id"])["ending"] == "answered"


def test_what_is_not_ours_goes_on_with_a_trace(both: Both) -> None:
    ticket_id = both.opened(kind="consult")
    both.works("claim_ticket", ticket_id)
    assert both.works("hand_over_ticket", ticket_id, to="outside", text="税务问题")[0] == 422
    sent = both.works(
        "hand_over_ticket", ticket_id, to="outside", organisation="tax", text="税务问题"
    )
    assert sent[0] == 200
    seen = both.mine(ticket_id)
    assert (seen["state"], seen["forwarded_text"]["en"]["title"]) == ("closed", "The tax office")
    assert both.history(ticket_id)[-1]["to"]["organisation"] == "tax"

    raised = both.opened(key="k2", kind="consult")
    both.works("claim_ticket", raised)
    assert both.works("hand_over_ticket", raised, to="supervisor", text="请定夺")[0] == 200
    assert both.listed("unassigned") == []
    assert both.listed("unassigned", "supervisor") == [raised]


def test_a_request_about_data_and_a_wrong_fact_are_kept_once(both: Both) -> None:
    assert both.asks(kind="privacy_request", text="")[0] == 422
    status, made = both.asks(kind="privacy_request", text="", topic="WHO_RECEIVES")
    assert (status, made["ticket"]["kind"]) == (201, "privacy_request")
    ticket_id = made["ticket"]["ticket_id"]
    assert both.office.city.rows("tickets") == []
    status, duties = both.desk("list_privacy_requests", "supervisor")
    assert [each["request_id"] for each in duties["requests"]] == [ticket_id]
    answer: Any = {"request_id": ticket_id}
    status, _ = both.desk("answer_privacy_request", "supervisor", {"outcome": "REFUSED"}, **answer)
    assert status == 200
    seen = both.mine(ticket_id)
    assert seen["answer_text"]["en"]["title"].startswith("It could not be done")
    assert seen["appeal"].endswith("/appeal")

    case = both.office.file("f1")
    wrong = {"kind": "data_error", "application_id": case, "fact": "F06", "wrong": "WRONG_VALUE"}
    both.office.put(case, status="needs_correction")
    status, made = both.asks(key="k9", **wrong)
    assert status == 201, made
    assert (made["dispute"]["kind"], "ticket" in made) == ("F06", False)
    assert both.office.city.rows("tickets") == []


def test_time_escalates_what_nobody_answers_and_says_so(both: Both) -> None:
    case = both.office.file()
    ticket_id = both.opened(application_id=case)
    assert both.time_comes() == {}
    both.set(ticket_id, received_at=ago(hours=25), first_due_at=ago(hours=1), desk_at=ago(hours=1))
    assert both.time_comes() == {"ticket_reminded": 1}
    assert both.time_comes() == {"ticket_late": 1}
    assert both.time_comes() == {}
    seen = both.mine(ticket_id)
    assert seen["is_late"]
    assert "duty supervisor of the vehicle office" in seen["late"]["text"]["en"]["title"]
    assert "车管所值班长" in seen["late"]["text"]["zh-CN"]["title"]
    (message,) = both.office.told("sms.ordered")
    assert message["refs"]["template"] == "ticket_late"
    assert both.listed("late", "supervisor") == [ticket_id]
    last = both.history(ticket_id)[-1]
    assert (last["act"], last["to"]["because"]) == ("ticket_late", "NOBODY_TOOK_IT")
    assert both.works("claim_ticket", ticket_id)[0] == 200
    taken = both.works("claim_ticket", ticket_id, "supervisor")
    assert taken[0] == 200, "a supervisor takes what somebody keeps too long"
    answer: Any = {"text": "已受理", "final": False}
    assert both.works("answer_ticket", ticket_id, "supervisor", **answer)[0] == 200
    assert both.listed("late", "supervisor") == []
    both.set(ticket_id, due_at=ago(hours=1), desk_at=ago(hours=1))
    assert both.time_comes() == {"ticket_late": 1}
    assert both.history(ticket_id)[-1]["to"]["because"] == "ANSWER"


def test_time_ends_what_is_not_rated_and_destroys_the_words(both: Both) -> None:
    ticket_id = both.opened()
    both.answered(ticket_id)
    both.set(ticket_id, rate_until=ago(days=1), desk_at=ago(days=1))
    assert both.time_comes() == {"ticket_not_rated": 1}
    seen = both.mine(ticket_id)
    assert (seen["state"], len(seen["words"])) == ("closed", 2)
    both.set(ticket_id, closed_at=ago(days=2000), desk_at=ago(days=1))
    assert both.time_comes() == {"ticket_words_destroyed": 1}
    assert both.mine(ticket_id)["words"] == []
    assert "pieces" not in both.row(ticket_id)
    assert both.time_comes() == {}


def test_taking_it_back_ends_it(both: Both) -> None:
    ticket_id = both.opened()
    assert both.does("withdraw_ticket", ticket_id=ticket_id)[0] == 200
    assert both.does("withdraw_ticket", ticket_id=ticket_id)[0] == 200
    assert both.mine(ticket_id)["ending_text"]["en"]["title"] == "Withdrawn"
    assert both.listed("unassigned") == []
    assert both.does("add_to_ticket", {"text": "x"}, key="m", ticket_id=ticket_id)[0] == 409


def test_a_bad_rating_of_a_service_is_called_back_once_by_no_hand_of_its_case(both: Both) -> None:
    case = both.office.file()
    both.office.put(case, status="closed")
    rating: Any = {"application_id": case}
    assert both.does("rate_service", {"score": 4}, **rating)[0] == 200
    assert both.office.city.rows("tickets") == []
    for score in (1, 2):
        assert both.does("rate_service", {"score": score}, **rating)[0] == 200
    _, seen = both.does("list_my_tickets")
    assert [each["state"] for each in seen["tickets"]] == ["call_back"]
    ticket_id = seen["tickets"][0]["ticket_id"]
    assert both.listed("unassigned") == [ticket_id]
    assert both.works("claim_ticket", ticket_id)[0] == 200
    end = {"ending": "nobody_reached", "text": "三次无人接听"}
    assert both.works("close_ticket", ticket_id, **end)[0] == 200


def test_a_clerk_passes_a_question_about_data_on_and_answers_none(both: Both) -> None:
    case = both.office.file()
    asked: Any = {"channel": "counter", "kind": "privacy_request", "topic": "HOW_LONG"}
    assert both.desk("take_in_ticket", "clerk", asked, key="c1")[0] == 422
    asked["application_id"] = case
    status, made = both.desk("take_in_ticket", "clerk", asked, key="c1")
    assert (status, "ticket" in made) == (201, False)
    assert both.mine(made["ticket_id"])["channel"] == "counter"
    complaint: Any = {"channel": "counter", "kind": "complaint", "text": "排队太久", "answer": "好"}
    status, made = both.desk("take_in_ticket", "clerk", complaint, key="c2")
    assert (status, made["ticket"]["state"]) == (201, "open"), "a clerk answers no complaint"
    assert both.desk("read_ticket", "clerk", ticket_id=made["ticket_id"])[0] == 404
