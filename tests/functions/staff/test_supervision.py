"""Draw, claim, result, finding, answer, decision, reversal; and nobody in their own case."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chepai.domain.ledger import Actor
from chepai.domain.rechecks import faults
from infra.access import of_group
from tests.functions.conftest import PLACE
from tests.functions.rights_used import within
from tests.functions.staff.supervised import OWNERS, changed, filed, seal, sealed_until
from tools import verify_rechecks

MONDAY = datetime(2026, 11, 22, 16, tzinfo=UTC)
"""Midnight in the city."""
WEEK = timedelta(days=7)
PERIOD = "20261123-0000"
WEDNESDAY = "2026-11-25T02:00:00.000Z"


class Centre:
    """The supervision centre and its clock."""

    def __init__(self, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk, self.monkeypatch = desk, monkeypatch
        for table in ("traces", "supervision", "seals"):
            monkeypatch.setenv(f"{table.upper()}_TABLE", PLACE.name(table))

    def at(self, moment: datetime) -> None:
        for module in ("drawing", "rechecking", "findings", "alarms"):
            self.monkeypatch.setattr(f"chepai.edge.{module}.now", lambda: moment)

    def run(self, name: str) -> dict[str, int]:
        function: Callable[[dict[str, Any]], dict[str, int]] = self.desk.office.city.function(
            "background", name
        )
        with within(of_group("background")[name], PLACE):
            return function({})

    def ask(self, name: str, body: Any = None, *, who: str = "sta_S1", **path: str) -> Any:
        role = path.pop("role", "supervisor")
        return self.desk.ask(name, role, body, who=who, **path)

    def draw(self) -> dict[str, Any]:
        """Bind on Monday, decide during the week, seal, and draw on the next one."""
        seal()
        self.at(MONDAY + WEEK + timedelta(hours=2))
        sealed_until(MONDAY + WEEK + timedelta(minutes=61))
        assert self.run("draw_rechecks")["drawn"] == 1
        status, answer = self.ask("read_draw", period=PERIOD)
        assert status == 200, answer
        return dict(answer)


@pytest.fixture
def centre(desk: Any, monkeypatch: pytest.MonkeyPatch) -> Centre:
    made = Centre(desk, monkeypatch)
    made.at(MONDAY + timedelta(hours=1))
    assert made.run("draw_rechecks")["bound"] == 2
    return made


def decided(n: int, status: str = "closed", act: str = "registered", **more: Any) -> Any:
    """A case that was decided on Wednesday, after a reviewer had looked."""
    case = filed(n)
    reviewer = Actor("reviewer", "sta_R1", on_behalf_of="sta_R2")
    case = changed(case, "review_decided", actor=reviewer, at=WEDNESDAY)
    told = more.pop("told", None)
    return changed(case, act, at=WEDNESDAY, status=status, told=told, **more)


def one(centre: Centre, **more: Any) -> str:
    """The only case of a week, drawn and listed."""
    case = decided(1, **more)
    (listed,) = centre.draw()["cases"]
    assert listed["application_id"] == case.application_id
    return str(case.application_id)


def claim(centre: Centre, case: str, who: str = "sta_S1") -> Any:
    return centre.ask("claim_recheck", who=who, period=PERIOD, application_id=case)


def found(centre: Centre, case: str, who: str = "sta_S1", about: str = "A03", **more: Any) -> Any:
    status, claimed = claim(centre, case, who)
    assert status == 200, claimed
    body = {"result": "FINDING", "about": about, "version": claimed["version"], **more}
    status, done = centre.ask("decide_recheck", body, who=who, period=PERIOD, application_id=case)
    assert status == 200, done
    (finding,) = findings(centre)
    assert finding["finding_id"] == done["finding_id"]
    return finding


def findings(centre: Centre, who: str = "sta_S1", role: str = "supervisor") -> Any:
    status, page = centre.ask("list_findings", who=who, role=role)
    assert status == 200, page
    return page["findings"]


def answered(centre: Centre, finding: Any, who: str = "sta_R1", role: str = "reviewer") -> Any:
    body = {"stance": "DISPUTED", "reference": "L-7", "version": finding["version"]}
    return centre.ask("answer_finding", body, who=who, role=role, finding_id=finding["finding_id"])


def decide(centre: Centre, finding: Any, who: str = "sta_S2", **more: Any) -> Any:
    body = {"decision": "UPHELD", "reverse": True, "version": finding["version"], **more}
    return centre.ask("decide_finding", body, who=who, finding_id=finding["finding_id"])


def filed_by(case: str) -> str:
    from chepai.records.applications import Applications

    return str(Applications.from_env().read(case).person_id)


def ledger() -> Any:
    from chepai.records.ledger import Ledger

    return Ledger.from_env()


# The draw


def test_a_draw_is_bound_before_and_can_be_repeated_after(centre: Centre) -> None:
    status, bound = centre.ask("read_draw", period=PERIOD)
    assert (status, bound["standing"], "seed" in bound) == (200, "committed", False)
    for n in range(30):
        decided(n)
    refused = decided(30, "rejected", "ended")
    override = filed(31)
    changed(
        override, "review_decided", at=WEDNESDAY, actor=Actor("reviewer", "sta_R1"),
        told={"set_aside": ["F06-NAME"]},
    )  # fmt: skip
    outside = filed(32)
    changed(outside, "registered", at="2026-11-30T02:00:00.000Z", status="closed")
    draw = centre.draw()
    assert draw["commitment"] == bound["commitment"]
    assert draw["counts"] == {"registered": 30, "refused": 1, "override": 1}
    assert faults(draw) == [] == verify_rechecks.faults(draw)
    listed = {each["application_id"]: each["stratum"] for each in draw["cases"]}
    assert len(listed) == 7
    assert listed[override.application_id] == "override"
    assert listed[refused.application_id] == "refused"
    entries = ledger().of(f"supervision#draw#{PERIOD}")
    assert [each["act"] for each in entries] == ["draw_bound", "cases_drawn", "cases_listed"]
    assert entries[0]["to"]["commitment"] == draw["commitment"]
    assert "seed" not in entries[0]["to"]
    assert entries[1]["to"]["seed"] == draw["seed"]
    assert ledger().verify(f"supervision#draw#{PERIOD}") is None


def test_nothing_is_drawn_before_all_of_it_is_sealed(centre: Centre) -> None:
    decided(1)
    seal()
    centre.at(MONDAY + WEEK + timedelta(hours=2))
    assert centre.run("draw_rechecks")["drawn"] == 0
    sealed_until(MONDAY + WEEK + timedelta(minutes=59))
    assert centre.run("draw_rechecks")["drawn"] == 0
    sealed_until(MONDAY + WEEK + timedelta(minutes=60))
    assert centre.run("draw_rechecks")["drawn"] == 1
    assert "drawn" not in centre.run("draw_rechecks")


def test_a_draw_that_broke_off_goes_on_with_the_same_cases(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chepai.edge.drawing import Drawing

    for n in range(8):
        decided(n)
    seal()
    centre.at(MONDAY + WEEK + timedelta(hours=2))
    sealed_until(MONDAY + WEEK + timedelta(hours=1))
    with monkeypatch.context() as broken:
        broken.setattr(Drawing, "_list", lambda *_: (_ for _ in ()).throw(RuntimeError))
        with pytest.raises(RuntimeError):
            centre.run("draw_rechecks")
    decided(9)
    seal()
    assert centre.run("draw_rechecks")["drawn"] == 1
    _, draw = centre.ask("read_draw", period=PERIOD)
    assert len(draw["cases"]) == 5
    assert "app_" + "9".zfill(26) not in {each["application_id"] for each in draw["cases"]}


# Claims, and nobody's own case


def test_a_claim_ends_and_then_another_may_take_the_case(centre: Centre) -> None:
    case = one(centre)
    assert claim(centre, case)[0] == 200
    status, refused = claim(centre, case, "sta_S2")
    assert (status, refused["code"]) == (409, "VR-803")
    centre.at(MONDAY + WEEK + timedelta(hours=5))
    assert claim(centre, case, "sta_S2")[0] == 200
    body = {"result": "IN_ORDER", "version": 4}
    where = {"period": PERIOD, "application_id": case}
    status, refused = centre.ask("decide_recheck", body, who="sta_S1", **where)
    assert (status, refused["code"]) == (409, "VR-110")
    _, draw = centre.ask("read_draw", period=PERIOD)
    body["version"] = draw["cases"][0]["version"]
    status, refused = centre.ask("decide_recheck", body, who="sta_S1", **where)
    assert (status, refused["code"]) == (409, "VR-803")
    status, done = centre.ask("decide_recheck", body, who="sta_S2", **where)
    assert (status, done["standing"], done["result"]) == (200, "done", "IN_ORDER")
    status, page = centre.ask("list_rechecks")
    assert (status, page["rechecks"]) == (200, [])


def test_nobody_looks_again_at_what_they_or_another_for_them_did(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = one(centre)
    for who in ("sta_R1", "sta_R2", OWNERS[1]):
        status, refused = claim(centre, case, who)
        assert (status, refused["code"]) == (403, "VR-310"), who
    # The write itself refuses a hand that the reading missed.
    monkeypatch.setattr("chepai.edge.rechecking.not_own", lambda *_: None)
    monkeypatch.setattr("chepai.edge.rechecking.hands_of", lambda _: set())
    for who in ("sta_R1", "sta_R2", OWNERS[1]):
        status, refused = claim(centre, case, who)
        assert (status, refused["code"]) == (409, "VR-803"), who


def test_who_acts_after_the_claim_may_not_enter_the_result(centre: Centre) -> None:
    from chepai.records.applications import Applications

    case = one(centre)
    _, claimed = claim(centre, case)
    for hand in (Actor("clerk", "sta_S1"), Actor("clerk", "sta_C", on_behalf_of="sta_S1")):
        changed(Applications.from_env().read(case), "handed_over", actor=hand)
        body = {"result": "IN_ORDER", "version": claimed["version"]}
        status, refused = centre.ask("decide_recheck", body, period=PERIOD, application_id=case)
        assert (status, refused["code"]) == (403, "VR-310")


def test_an_act_between_reading_and_writing_stops_the_claim(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chepai.records.applications import Applications

    case = one(centre)
    before = Applications.from_env().read(case)
    changed(before, "handed_over", actor=Actor("clerk", "sta_C", on_behalf_of="sta_S1"))
    # What the supervisor's request has read is the case, and its history, before that act.
    monkeypatch.setattr(Applications, "read", lambda *_: before)
    monkeypatch.setattr("chepai.edge.rechecking.hands_of", lambda _: {"sta_R1", "sta_R2"})
    status, refused = claim(centre, case)
    assert (status, refused["code"]) == (409, "VR-110")


# Findings


def test_a_finding_names_who_is_responsible_and_only_they_answer(centre: Centre) -> None:
    finding = found(centre, one(centre))
    assert (finding["party"], finding["party_id"]) == ("officer", "sta_R1")
    assert finding["answer_due"] == "2026-12-07"
    assert findings(centre, "sta_R1", "reviewer") == [finding]
    assert findings(centre, "sta_R9", "reviewer") == []
    status, refused = answered(centre, finding, "sta_R9")
    assert (status, refused["code"]) == (404, "VR-802")
    status, after = answered(centre, finding)
    assert (status, after["standing"], after["stance"]) == (200, "answered", "DISPUTED")
    status, refused = answered(centre, after)
    assert (status, refused["code"]) == (409, "VR-303")


def test_an_outside_party_is_answered_for_by_an_operator(centre: Centre) -> None:
    """As one of a dealer's, whose invoice was wrong."""
    finding = found(centre, one(centre), about="F06", reason="F06-BUYER")
    assert finding["party"] == "dealer"
    assert answered(centre, finding, "sta_C", "clerk")[0] == 404
    assert answered(centre, finding, "sta_O", "operator")[0] == 200
    last = ledger().of(f"supervision#finding#{finding['finding_id']}")[-1]
    assert last["actor"] == last["actor"] | {"id": "sta_O", "for": "dealer"}


def test_nothing_is_decided_before_the_answer_or_its_day(centre: Centre) -> None:
    finding = found(centre, one(centre))
    status, refused = decide(centre, finding)
    assert (status, refused["code"]) == (409, "VR-804")
    centre.at(datetime(2026, 12, 7, 17, tzinfo=UTC))
    assert decide(centre, finding)[0] == 200


def test_neither_finder_nor_party_nor_anybody_for_them_decides(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = found(centre, one(centre))
    _, after = answered(centre, finding)
    for who in ("sta_S1", "sta_R1", "sta_R2", OWNERS[1]):
        status, refused = decide(centre, after, who)
        assert (status, refused["code"]) == (403, "VR-310"), who
    # And the write itself refuses them, whatever was read.
    monkeypatch.setattr("chepai.edge.findings.not_own", lambda *_: None)
    for who in ("sta_S1", "sta_R1", "sta_R2", OWNERS[1]):
        status, refused = decide(centre, after, who)
        assert (status, refused["code"]) == (409, "VR-110"), who


def test_a_registered_case_stands_and_the_legal_act_is_named(centre: Centre) -> None:
    from chepai.records.applications import Applications

    case = one(centre)
    _, after = answered(centre, found(centre, case))
    before = Applications.from_env().read(case)
    status, done = decide(centre, after)
    assert (status, done["standing"]) == (200, "upheld")
    assert (done["way"], done["legal_act"]) == ("legal_act", "revoke_approval")
    assert Applications.from_env().read(case) == before
    assert findings(centre) == []
    entries = ledger().of(f"supervision#finding#{done['finding_id']}")
    assert [e["act"] for e in entries] == ["finding_opened", "finding_answered", "finding_decided"]
    assert all(e["to"].get("responsible") == {"A03": "officer"} for e in (entries[0], entries[2]))
    assert ledger().verify(f"supervision#finding#{done['finding_id']}") is None


def test_a_wrong_refusal_goes_back_to_a_reviewer(centre: Centre) -> None:
    from chepai.domain.review import is_asked
    from chepai.records.applications import Applications

    case = one(centre, status="rejected", act="ended", ending="rejected")
    _, after = answered(centre, found(centre, case))
    status, done = decide(centre, after)
    assert (status, done["way"]) == (200, "look_again")
    now = Applications.from_env().read(case)
    assert is_asked(now)
    last = ledger().of(case)[-1]
    assert (last["act"], last["to"]["responsible"]) == ("review_ordered", {"A03": "officer"})


def test_an_open_case_is_flagged_for_a_reviewer(centre: Centre) -> None:
    from chepai.records.applications import Applications

    case = one(
        centre, status="awaiting_owner", act="review_decided", told={"set_aside": ["F06-NAME"]}
    )
    _, after = answered(centre, found(centre, case))
    status, done = decide(centre, after)
    assert (status, done["way"]) == (200, "send_back")
    assert Applications.from_env().read(case).flagged == done["finding_id"]


def test_a_finding_that_is_dismissed_changes_nothing(centre: Centre) -> None:
    case = one(centre, status="rejected", act="ended", ending="rejected")
    _, after = answered(centre, found(centre, case))
    status, done = decide(centre, after, decision="DISMISSED")
    assert (status, done["standing"], "way" in done) == (200, "dismissed", False)
    assert ledger().of(case)[-1]["act"] == "ended"


def test_a_complaint_opens_a_finding_but_not_in_ones_own_case(centre: Centre) -> None:
    case = decided(1).application_id
    body = {"application_id": case, "about": "SYSTEM", "reference": "C-12"}
    status, made = centre.ask("open_finding", body)
    assert (status, made["party"], made["origin"]) == (201, "operator", "report")
    read = ledger().of(f"person#{filed_by(case)}")[-1]
    assert (read["to"]["case"], read["to"]["purpose"]) == (case, "complaint"), "the owner sees it"
    status, refused = centre.ask("open_finding", body, who="sta_R2")
    assert (status, refused["code"]) == (403, "VR-310")
    for wrong in ({"about": "F99"}, {"about": "F06", "reason": "F07-VIN"}):
        assert centre.ask("open_finding", body | wrong)[0] == 422


# Alarms


def of_late(n: int, **more: Any) -> Any:
    return filed(n, at="2026-11-25T01:00:00.000Z", **more)


def watch(centre: Centre) -> dict[str, int]:
    seal()
    centre.at(datetime(2026, 11, 25, 3, tzinfo=UTC))
    return {alarm: n for alarm, n in centre.run("watch_frequencies").items() if n}


def test_an_agent_of_too_many_is_one_finding_however_often_counted(centre: Centre) -> None:
    def by(n: int) -> Actor:
        return Actor("agent", "per_AGENT", on_behalf_of=f"per_{n:026d}")

    for n in range(20):
        of_late(n, owner=f"per_{n:026d}", actor=by(n))
    assert watch(centre) == {}
    of_late(20, owner=f"per_{20:026d}", actor=by(20))
    assert watch(centre) == {"one_agent": 1}
    assert watch(centre) == {}
    (finding,) = findings(centre)
    assert (finding["alarm"], finding["times"], len(finding["cases"])) == ("one_agent", 21, 21)
    assert finding["party_id"] == "per_AGENT"


def test_many_cases_for_one_person_are_no_alarm_about_an_agent(centre: Centre) -> None:
    for n in range(25):
        of_late(n, actor=Actor("agent", "per_AGENT", on_behalf_of=OWNERS[0]))
    assert watch(centre) == {}


def test_one_device_for_too_many_people(centre: Centre) -> None:
    for n in range(6):
        owner = f"per_{n:026d}"
        of_late(n, owner=owner, actor=Actor("citizen", owner, session="ses_1"))
    assert watch(centre) == {"one_device": 1}


def test_one_decider_with_too_many_overrides_does_not_decide_on_it(centre: Centre) -> None:
    for n in range(21):
        changed(
            of_late(n), "review_decided", at="2026-11-25T01:30:00.000Z",
            actor=Actor("reviewer", "sta_R1"), told={"set_aside": ["F06-NAME"]},
        )  # fmt: skip
    assert watch(centre) == {"one_decider": 1}
    (finding,) = findings(centre)
    assert finding["party"] == "officer"
    _, after = answered(centre, finding)
    assert decide(centre, after, "sta_R1", reverse=False)[0] == 403
    assert decide(centre, after, "sta_S2")[0] == 409
    assert decide(centre, after, "sta_S2", reverse=False)[0] == 200


def test_a_car_and_an_owner_with_too_many_reissues(centre: Centre) -> None:
    vin = "LSVAA4182E2100001"
    for n in range(4):
        case = of_late(n, service="certificate_reissue", owner=OWNERS[0], vin=vin)
        changed(
            case, "recertified", at="2026-11-25T02:00:00.000Z", certificate_no=f"C{n}",
            status="closed", close=True,
        )  # fmt: skip
    assert watch(centre) == {"car_reissued": 1, "owner_reissued": 1}
    assert watch(centre) == {}
    assert all(vin not in str(finding) for finding in findings(centre))


def lines(owner: str) -> list[tuple[str, str]]:
    from chepai.records.ledger import Ledger

    told = [row["to"] for row in Ledger.from_env().of(f"person#{owner}")]
    return [(each["purpose"], each["case"]) for each in told]


def test_no_list_points_to_a_case_without_a_line(centre: Centre) -> None:
    from chepai.records.ledger import Ledger

    case, owner = one(centre), OWNERS[1]
    before = lines(owner)
    assert before == [("recheck", case)], "the draw was read"
    population = [e for e in Ledger.from_env().of("staff#sta_S1") if e["act"] == "population_read"]
    assert [each["to"]["period"] for each in population] == [PERIOD]
    assert centre.ask("list_rechecks")[1]["rechecks"]
    assert lines(owner)[len(before) :] == [("recheck", case)]
    found(centre, case)
    before = lines(owner)
    assert findings(centre)
    assert lines(owner)[len(before) :] == [("work_list", case)]
    assert answered(centre, findings(centre)[0])[0] == 200
    assert lines(owner)[-1] == ("recheck", case)


def test_ones_own_case_is_on_no_list_of_ones_own(centre: Centre) -> None:
    case, owner = one(centre), OWNERS[1]
    found(centre, case)
    mine: Any = {"citizen": owner}
    assert centre.ask("list_rechecks", **mine)[1]["rechecks"] == []
    assert centre.ask("read_draw", period=PERIOD, **mine)[1]["cases"] == []
    assert centre.ask("list_findings", **mine)[1]["findings"] == []
    assert centre.ask("claim_recheck", period=PERIOD, application_id=case, **mine)[0] in (403, 409)


def test_a_list_whose_lines_cannot_be_entered_is_not_shown(centre: Centre) -> None:
    from chepai.records.accesses import Accesses
    from chepai.records.table import TryAgain

    one(centre)

    def no_line(*_: object, **__: object) -> None:
        raise TryAgain

    centre.monkeypatch.setattr(Accesses, "append", no_line)
    status, refused = centre.ask("list_rechecks")
    assert (status, "app_" in str(refused)) == (503, False)
