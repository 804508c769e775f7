"""What operators see and do: machines and queues, acts row by row, and what takes two persons."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from chepai.domain.facts import FactKind
from tests.functions.citizen.office import PERSON, VIN, Office
from tests.functions.conftest import a_city
from tests.functions.staff.conftest import Desk, remove

OTHER_CASE = "app_" + "0" * 26


class NextDesk(Desk):
    """A new case for the same car, the last one out of the way."""

    def __init__(self, office: Office, nth: int) -> None:
        from chepai.records.applications import Applications

        self.office = office
        office._functions.clear()
        for key in (f"vin#{VIN}#new_car", self.earlier):
            remove(Applications.from_env(), application_id=key)
        self.application_id = NextDesk.earlier = office.file(key=f"k{nth}")

    earlier = "none"


@pytest.fixture(scope="module")
def office():
    """One city for all: making it takes longer than all that is done in it."""
    with pytest.MonkeyPatch.context() as patch, a_city(patch) as city:
        from chepai.records.rates import Rates, Turn

        patch.setattr(Rates, "take", lambda *_, **__: Turn(allowed=True, left=9, seconds=60))
        yield Office(city, patch)


@pytest.fixture
def desk(office, request):
    return NextDesk(office, abs(hash(request.node.nodeid)))


@pytest.fixture(autouse=True)
def drawings(tmp_path, monkeypatch):
    """The drawings as they are shipped with the code."""
    from chepai.edge import open_cases, pictures
    from infra import drawing

    shipped = gzip.compress(json.dumps(drawing.everywhere()).encode())
    (tmp_path / "machines.json.gz").write_bytes(shipped)
    monkeypatch.setattr(pictures, "SERVED", tmp_path)
    monkeypatch.setattr(open_cases, "FRESH", timedelta(0))
    pictures.machines.cache_clear()
    yield
    pictures.machines.cache_clear()


def act(desk, act, reason, *, who="sta_operator_1", ids=(), **more):
    body = {"act": act, "application_ids": list(ids) or [desk.application_id], "reason": reason}
    key = f"k-{datetime.now(UTC):%f}"
    status, said = desk.ask("act_on_cases", "operator", body | more, who=who, key=key)
    assert status == 200, said
    return said["rows"]


def propose(desk, wish="withdraw", reason="owner_asked", **more):
    return act(desk, wish, reason, reference="LETTER-7", **more)[0]


def decide(desk, decision="CONFIRMED", *, who="sta_operator_2", role="operator", version=1):
    body = {"decision": decision, "version": version}
    return desk.ask("decide_proposal", role, body, who=who)


def queues(desk, **query):
    status, said = desk.ask("list_queues", "operator", query=query)
    assert status == 200, said
    return said


def counted(desk):
    status, said = desk.ask("list_machines", "operator", query={"only": "counts"})
    assert status == 200, said
    (machine,) = (each for each in said["machines"] if each["service"] == "new_car")
    return {each["state"]: each["open"] for each in machine["counts"]}


def moved(desk, status, **changes):
    """A change with its entry, as the machine makes it."""
    from chepai.domain.ledger import Actor
    from chepai.domain.life_cycle import Status
    from chepai.edge.casework import Casework

    return Casework.from_env().move(
        desk.case(), Status(status), by=Actor("system", "weigh"), act="weighed", **changes
    )


# What is seen


def test_every_machine_is_drawn_with_its_words(desk):
    status, said = desk.ask("list_machines", "supervisor")
    assert status == 200
    assert {each["service"] for each in said["machines"]} == {"new_car", "certificate_reissue"}
    for machine in said["machines"]:
        assert machine["start"] in {each["name"] for each in machine["states"]}
        for state in machine["states"]:
            assert set(state["text"]) == {"zh-CN", "en"}
        assert {"begins", "ends", "when"} <= machine["ways"][0].keys()
    status, refused = desk.ask("list_machines", "operator", query={"only": "all"})
    assert (status, refused["code"]) == (422, "VR-103")


def test_counts_follow_the_ledger_without_reading_everything_again(desk, monkeypatch):
    assert counted(desk) == {"Verify the car and the buyer": 1}
    from chepai.records.applications import Applications

    monkeypatch.setattr(Applications, "due", lambda *_: pytest.fail("read as a whole again"))
    moved(desk, "verifying")
    moved(desk, "awaiting_owner")
    assert counted(desk) == {"Wait for the owner to sign and choose a number": 1}
    moved(desk, "awaiting_fee", ending="withdrawn", fee_state="ordered")
    assert counted(desk) == {"Refund the fee": 1}
    moved(desk, "withdrawn")
    assert counted(desk) == {}


def test_what_is_not_old_enough_is_not_read_again(desk, monkeypatch):
    from chepai.edge import open_cases

    monkeypatch.setattr(open_cases, "FRESH", timedelta(seconds=4))
    before = counted(desk)
    moved(desk, "verifying")
    moved(desk, "awaiting_owner")
    assert counted(desk) == before


def test_queues_are_by_holder_and_what_waits_longest_is_in_front(desk):
    moved(desk, "verifying")
    moved(desk, "verifying", stuck=True, stuck_because="StepFailed")
    said = queues(desk, only="stuck")
    assert said["found"] == 1
    (queue,) = said["queues"]
    assert (queue["holder"], queue["open"], queue["stuck"]) == ("clerk", 1, 1)
    (case,) = said["cases"]
    assert case["application_id"] == desk.application_id
    assert case["stuck_because"] == "StepFailed"
    assert case["state"] == "Verify the car and the buyer"
    assert {"resume", "withdraw"} <= set(case["possible_acts"])
    assert "hand_to_clerk" not in case["possible_acts"]
    assert queues(desk, holder="agency:tax")["cases"] == []
    assert queues(desk, service="certificate_reissue")["found"] == 0
    assert queues(desk, state="Verify the car and the buyer")["found"] == 1
    assert queues(desk, state="Wait for the fee")["found"] == 0
    for wrong in ({"holder": "me"}, {"only": "all"}, {"limit": "0"}, {"sort": "asc"}):
        assert desk.ask("list_queues", "operator", query=wrong)[0] == 422, wrong


def test_whoever_sees_a_queue_is_in_the_owners_book(desk):
    from chepai.records.ledger import Ledger

    queues(desk)
    entry = Ledger.from_env().of(f"person#{PERSON}")[-1]
    assert (entry["act"], entry["to"]["purpose"]) == ("read", "work_list")
    assert entry["to"]["case"] == desk.application_id


def test_a_page_that_stays_open_is_one_reading_until_something_is_new(desk):
    def lines():
        from chepai.records.ledger import Ledger

        rows = Ledger.from_env().of(f"person#{PERSON}")
        return len([each for each in rows if each["to"].get("case") == desk.application_id])

    for read in (queues, lambda desk: desk.ask("read_case_machine", "operator")):
        before = lines()
        read(desk)
        read(desk)
        assert lines() == before + 1
        moved(desk, "verifying", stuck=True, stuck_because=f"Because{before}")
        read(desk)
        assert lines() == before + 2
        # Another session is another reading, whoever sits there.
    status, _ = desk.ask("list_queues", "operator", who="sta_operator_9")
    assert status == 200
    assert lines() == before + 3


def test_a_queue_is_read_page_by_page(desk, monkeypatch):
    from chepai.edge.open_cases import OpenCases, Standing

    many = [
        Standing(f"app_{n:026d}", "new_car", "verifying", "x", "system", f"2026-11-0{n}", False,
                 False, "2026-01-01") for n in range(1, 6)
    ]  # fmt: skip
    monkeypatch.setattr(OpenCases, "now", lambda _: (many, "2026-11-24T00:00:00.000Z"))
    first = queues(desk, limit="2")
    assert (first["found"], first["queues"][0]["late"]) == (5, 5)
    assert first["next"] == f"2026-11-02|app_{2:026d}"
    last = queues(desk, limit="3", cursor=first["next"])
    assert "next" not in last


def test_time_used_up_makes_a_case_late(desk):
    desk.put("awaiting_source", "agency:tax", since="2026-01-01T00:00:00.000Z")
    said = queues(desk, only="late")
    assert said["cases"][0]["late_at"] < "2026-11-01"
    assert said["queues"][0]["text"]["en"]["title"]


# Acts on several cases


def test_each_row_is_answered_by_itself(desk):
    rows = act(desk, "hand_to_clerk", "needs_a_person", ids=[desk.application_id, OTHER_CASE])
    done, refused = rows
    assert (done["outcome"], done["word"]) == ("done", "handed_over")
    assert (refused["outcome"], refused["problem"]["code"]) == ("refused", "VR-301")
    assert set(refused["problem"]["texts"]) == {"zh-CN", "en"}
    case = desk.case()
    assert (case.stuck_because, case.queue_shard[:6]) == ("HandedOver", "clerk#")
    from chepai.records.ledger import Ledger

    entry = Ledger.from_env().of(desk.application_id)[-1]
    assert entry["actor"]["role"] == "operator"
    assert entry["to"]["reason"] == "needs_a_person"
    (again,) = act(desk, "hand_to_clerk", "needs_a_person")
    assert again["problem"]["code"] == "VR-303"


def test_one_that_breaks_stops_no_other(desk, monkeypatch):
    from chepai.edge.operating import Operating

    monkeypatch.setattr(Operating, "_resume", lambda *_: 1 / 0)
    (row,) = act(desk, "resume", "cause_mended")
    assert row["problem"]["code"] == "VR-900"


@pytest.mark.parametrize(
    "body",
    [
        {"act": "remind", "reason": "filed_twice"},
        {"act": "withdraw", "reason": "owner_asked"},
        {"act": "delete", "reason": "owner_asked"},
        {"act": "remind", "reason": "owner_asked", "application_ids": []},
        {"act": "remind", "reason": "owner_asked", "application_ids": [OTHER_CASE] * 51},
        {"act": "remind", "reason": "owner_asked", "reference": "13800138000"},
    ],
)
def test_an_act_needs_a_reason_of_its_own_and_no_more_than_fifty_cases(desk, body):
    body = {"application_ids": [desk.application_id], **body}
    assert desk.ask("act_on_cases", "operator", body, key="k")[0] == 422
    assert desk.history() == ["submitted"]


def test_a_dead_run_is_followed_by_the_next_one(desk, monkeypatch):
    from chepai.edge import operating

    moved(desk, "verifying", stuck=True, stuck_because="StepFailed")
    monkeypatch.setattr(operating, "state_of_run", lambda _: "FAILED")
    (row,) = act(desk, "resume", "cause_mended", reference="INC-12")
    assert (row["word"], row["run"]) == ("resumed", 2)
    case = desk.case()
    assert (case.run, case.stuck_because) == (2, "")
    assert f"{desk.application_id}-r2" in desk.runs()
    from chepai.records.ledger import Ledger

    entry = Ledger.from_env().of(desk.application_id)[-1]
    assert (entry["act"], entry["to"]["reference"]) == ("run_again", "INC-12")


def test_a_run_that_lives_is_not_replaced_but_looked_at(desk, monkeypatch):
    from chepai.edge import operating

    monkeypatch.setattr(operating, "state_of_run", lambda _: "RUNNING")
    desk.put("awaiting_source", "agency:tax")
    before = desk.case()
    (row,) = act(desk, "resume", "looked_into")
    assert (row["word"], row["run"]) == ("runs", 1)
    after = desk.case()
    assert (after.run, after.version) == (1, before.version)
    assert after.due_at > before.due_at


def test_a_case_whose_run_never_was_is_started(desk):
    desk.put("verifying", "system", run=3)
    (row,) = act(desk, "resume", "cause_mended")
    assert (row["word"], row["run"]) == ("started", 3)
    assert f"{desk.application_id}-r3" in desk.runs()


def waits_for_plates(desk):
    """Parked as the machine's own state parks, with the question that it asks."""
    from chepai.edge.waiting_room import request_of
    from chepai.records.waits import Wait, Waits

    desk.put("in_production", "plate_maker", orders=1, since="2026-11-01T00:00:00.000Z")
    case = desk.case()
    wait = Wait(
        subject=case.subject, kind=FactKind.PLATES, application_id=case.application_id,
        run=case.run, step="make_plates_and_papers", token="t",
        request_id=request_of("make_plates_and_papers", case),
    )  # fmt: skip
    Waits.from_env().park(wait, now=datetime.now(UTC), kept=timedelta(days=1))


def test_who_is_silent_is_reminded_once_in_a_while(desk):
    waits_for_plates(desk)
    desk.office.city.rows_waiting("questions")
    (row,) = act(desk, "remind", "answer_overdue")
    assert row["word"] == "reminded", row
    told = desk.office.told("answer.overdue")
    assert {each["partner"] for each in told} == {"plates-qingdao", "print-qingdao"}, told
    assert desk.history()[-1] == "reminder_sent"
    (again,) = act(desk, "remind", "answer_overdue")
    assert again["problem"]["code"] == "VR-808"


def test_nobody_is_reminded_where_nobody_is_waited_for(desk):
    (row,) = act(desk, "remind", "answer_overdue")
    assert row["problem"]["code"] == "VR-808"
    desk.put("awaiting_owner", "owner")
    (row,) = act(desk, "remind", "answer_overdue")
    assert row["problem"]["code"] == "VR-303"


# Claims


def claim(desk, who, **more):
    body = {"application_ids": [desk.application_id], **more}
    status, said = desk.ask("claim_cases", "operator", body, who=who)
    assert status == 200, said
    return said["rows"][0]


def test_a_claim_keeps_others_off_until_it_lapses(desk):
    assert claim(desk, "sta_operator_1")["word"] == "claimed"
    assert queues(desk)["cases"][0]["claimed_by"] == "sta_operator_1"
    assert claim(desk, "sta_operator_2")["problem"]["code"] == "VR-803"
    (row,) = act(desk, "hand_to_clerk", "needs_a_person", who="sta_operator_2")
    assert row["problem"]["code"] == "VR-803"
    from chepai.records.operations import Operations

    operations = Operations("chepai-sandbox-qingdao-supervision")
    key = {"matter": f"operation#{desk.application_id}", "item": "operation"}
    operations.update(key, sets={"claimed_until": "2026-01-01T00:00:00.000Z"})
    # Nobody worked on it: it is anybody's again.
    assert "claimed_by" not in queues(desk)["cases"][0]
    assert claim(desk, "sta_operator_2")["word"] == "claimed"
    assert claim(desk, "sta_operator_2", give_back=True)["word"] == "given_back"
    assert claim(desk, "sta_operator_2", give_back=True)["problem"]["code"] == "VR-803"
    assert claim(desk, "sta_operator_1")["word"] == "claimed"
    # A claim is no hand in the case.
    assert desk.history() == ["submitted"]


# What takes two


def test_a_withdrawal_is_proposed_by_one_and_done_by_another(desk):
    row = propose(desk)
    assert (row["outcome"], row["word"]) == ("proposed", "withdraw")
    assert desk.case().ending == ""
    assert propose(desk)["problem"]["code"] == "VR-807"
    (waiting,) = desk.ask("list_proposals", "supervisor")[1]["proposals"]
    assert (waiting["wish"], waiting["own"], waiting["standing"]) == ("withdraw", False, "proposed")
    assert queues(desk)["cases"][0]["proposed"] == "withdraw"
    status, refused = decide(desk, who="sta_operator_1")
    assert (status, refused["code"]) == (403, "VR-310")
    assert decide(desk, version=2)[0] == 409
    status, answer = decide(desk, role="supervisor", who="sta_supervisor_1")
    assert (status, answer["standing"]) == (200, "confirmed"), answer
    assert desk.case().ending == "withdrawn"
    assert desk.said(FactKind.WITHDRAWAL) == [{"result": "WITHDRAWN"}]
    assert desk.history() == ["submitted", "withdrawn_by_office"]
    from chepai.edge.messages import notice_of
    from chepai.edge.texts import codes
    from chepai.records.ledger import Ledger

    entry = Ledger.from_env().of(desk.application_id)[-1]
    assert entry["actor"]["id"] == "sta_supervisor_1"
    assert entry["to"]["proposed_by"] == "sta_operator_1"
    assert notice_of(entry) in codes("notices")
    assert desk.ask("list_proposals", "operator")[1]["proposals"] == []
    assert decide(desk, version=2)[1]["code"] == "VR-806"


def test_a_declined_proposal_changes_nothing_and_may_be_made_again(desk):
    propose(desk)
    status, answer = decide(desk, "DECLINED")
    assert (status, answer["standing"]) == (200, "declined")
    assert desk.history() == ["submitted"]
    assert propose(desk)["outcome"] == "proposed"
    chain = f"supervision#operation#{desk.application_id}#operation"
    from chepai.records.ledger import Ledger

    ledger = Ledger.from_env()
    assert ledger.verify(chain) is None
    acts = [each["act"] for each in ledger.of(chain)]
    assert acts == ["proposed", "proposal_declined", "proposed"]


def test_a_proposal_lapses(desk):
    propose(desk)
    from chepai.records.applications import stamp
    from chepai.records.operations import Operations

    operations = Operations("chepai-sandbox-qingdao-supervision")
    key = {"matter": f"operation#{desk.application_id}", "item": "operation"}
    past = stamp(datetime.now(UTC) - timedelta(minutes=1))
    operations.update(key, sets={"due_at": past})
    assert decide(desk)[1]["code"] == "VR-806"
    (shown,) = desk.ask("list_proposals", "operator")[1]["proposals"]
    assert shown["standing"] == "lapsed"
    assert propose(desk)["outcome"] == "proposed"


def test_what_cannot_be_done_is_neither_proposed_nor_confirmed(desk):
    desk.put("registered", "system")
    assert propose(desk)["problem"]["code"] == "VR-304"
    desk.put("verifying", "system")
    assert propose(desk, "override", "seen_on_paper")["problem"]["code"] == "VR-303"
    propose(desk)
    desk.put("registered", "system")
    assert decide(desk)[1]["code"] == "VR-304"
    assert desk.case().ending == ""


def test_a_flagged_case_is_not_decided_by_who_had_a_hand_in_it(desk):
    act(desk, "hand_to_clerk", "facts_contradict", who="sta_operator_2")
    desk.put("verifying", "clerk", flagged="sampled")
    assert propose(desk, who="sta_operator_2")["problem"]["code"] == "VR-310"
    propose(desk)
    assert decide(desk, who="sta_operator_2")[1]["code"] == "VR-310"
    assert decide(desk, who="sta_operator_3")[0] == 200


def test_an_override_sets_aside_what_people_may_and_wakes_the_machine(desk):
    stays, goes = "F10-STOLEN", "F06-NAME"
    desk.put("needs_correction", "owner", reasons=desk.reasons(stays, goes))
    row = propose(desk, "override", "confirmed_by_agency")
    assert row["outcome"] == "proposed", row
    (waiting,) = desk.ask("list_proposals", "operator")[1]["proposals"]
    assert waiting["set_aside"] == [goes]
    from chepai.domain.tracing import Noted, noted
    from chepai.records.ledger import Ledger

    proposed = Ledger.from_env().of(f"supervision#operation#{desk.application_id}#operation")
    assert [noted(each) for each in proposed] == [""]
    status, answer = decide(desk)
    assert status == 200, answer
    assert desk.case().review["overruled"] == [goes]
    assert desk.said(FactKind.CORRECTION) == [{"result": "REVIEWED"}]
    entry = Ledger.from_env().of(desk.application_id)[-1]
    # Counted like a reviewer's, for whoever overrules too often.
    assert (entry["act"], noted(entry)) == ("overridden", Noted.OVERRIDE)


# One case's machine


def test_one_case_is_shown_with_its_runs_and_its_ledger(desk):
    from chepai.records.ledger import Ledger

    status, said = desk.ask("read_case_machine", "operator")
    assert status == 200, said
    assert said["stands_at"] == "Verify the car and the buyer"
    (run,) = said["runs"]
    assert run["run"] == said["shown_run"] == 1
    assert [each["act"] for each in said["history"]] == ["submitted"]
    assert said["chain"]["intact"]
    assert {each["name"] for each in said["states"]} >= {"Check the invoice"}
    assert "withdraw" in said["possible_acts"]
    entry = Ledger.from_env().of(f"person#{PERSON}")[-1]
    assert (entry["act"], entry["to"]["case"]) == ("read", desk.application_id)


@pytest.mark.parametrize("run", ["0", "2", "x", "٢"])
def test_a_run_that_never_was_is_not_shown(desk, run):
    assert desk.ask("read_case_machine", "operator", query={"run": run})[0] == 422


def test_a_case_that_is_on_nobodys_desk_is_opened_for_a_matter_of_its_own(desk):
    desk.put("closed")
    for query, code in (
        ({}, "missing"),
        ({"purpose": "complaint", "reference": "tkt_" + "0" * 26}, "not_of_this_case"),
    ):
        status, refused = desk.ask("read_case_machine", "operator", query=query)
        assert status == 422
        assert [each["code"] for each in refused["fields"]] == [code]
    query = {"purpose": "complaint", "reference": "LETTER-7"}
    status, said = desk.ask("read_case_machine", "operator", query=query)
    assert (status, said["possible_acts"]) == (200, [])


def test_the_console_is_that_of_the_executions_own_partition():
    from chepai.edge.case_machine import console_of

    arn = "arn:{}:states:{}:{}:execution:chepai-production-qingdao-new_car:app_1-r1"
    abroad = console_of(arn.format("aws", "eu-west-1", "123456789012"))
    assert abroad
    assert abroad.startswith("https://eu-west-1.console.aws.amazon.com/states/")
    at_home = console_of(arn.format("aws-cn", "cn-north-1", "123456789012"))
    assert at_home
    assert at_home.startswith("https://cn-north-1.console.amazonaws.cn/states/")
    assert console_of(arn.format("aws", "us-east-1", "0" * 12)) is None
