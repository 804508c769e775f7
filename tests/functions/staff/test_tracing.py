"""From one wrong fact, actor or rule to exactly the applications it touched, and from a person."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chepai.domain.facts import FactKind
from chepai.domain.ledger import Actor, evidence_of
from tests.functions.staff.supervised import OWNERS, announced, seal, weighed

WHY = {"purpose": "recheck", "reference": "QD-2026-11"}


def trace(desk: Any, follow: str, value: str, **more: Any) -> dict[str, Any]:
    body = {"follow": follow, "value": value, **WHY, **more}
    status, answer = desk.ask("trace_acts", "supervisor", body)
    assert status == 200, answer
    return dict(answer)


WRONG, RIGHT, OTHER = "aa" * 32, "bb" * 32, "cc" * 32


@pytest.fixture
def touched(desk: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[str], list[str]]:
    """Six cases on a wrong announcement, three on its correction and two on another model."""
    from tests.functions.conftest import PLACE

    monkeypatch.setenv("TRACES_TABLE", PLACE.name("traces"))
    announced("M1", WRONG)
    announced("M2", OTHER)
    hit = [weighed(n, model="M1") for n in range(6)]
    announced("M1", RIGHT, ago=1)
    rest = [weighed(n, model="M1", version="qingdao-2026.2") for n in range(6, 9)]
    rest += [weighed(n, model="M2") for n in (9, 10)]
    seal()
    return desk, hit, rest


def test_one_wrong_fact_leads_to_exactly_the_cases_it_touched(touched: Any) -> None:
    desk, hit, rest = touched
    for value in (WRONG, "model#M1|F04|1"):
        found = trace(desk, "fact", value)
        assert sorted(found["applications"]) == hit
        assert {each["act"] for each in found["acts"]} == {"weighed"}
        assert "next" not in found
    assert sorted(trace(desk, "fact", "model#M1|F04|2")["applications"]) == rest[:3]
    assert sorted(trace(desk, "partner", "miit")["applications"]) == sorted(hit + rest)
    page = trace(desk, "fact", "model#M1|F04|1", limit=4)
    seen = list(page["applications"])
    while "next" in page:
        page = trace(desk, "fact", "model#M1|F04|1", limit=4, cursor=page["next"])
        seen += page["applications"]
    assert sorted(seen) == hit


def test_a_new_version_of_the_rules_leads_to_what_came_under_it(touched: Any) -> None:
    desk, hit, rest = touched
    assert sorted(trace(desk, "rule", "qingdao-2026.2")["applications"]) == rest[:3]
    old = trace(desk, "rule", "qingdao-2026.1")["applications"]
    assert not set(old) & set(rest[:3])
    assert set(hit) <= set(old)


def test_an_agent_leads_to_what_they_did_and_the_owner_to_both(touched: Any) -> None:
    desk, _, _ = touched
    made = weighed(12, model="M1", actor=Actor("agent", "per_AGENT", on_behalf_of=OWNERS[0]))
    seal()
    assert trace(desk, "actor", "agent#per_AGENT")["applications"] == [made]
    found = trace(desk, "person", OWNERS[0])
    assert sorted(found["applications"]) == sorted(f"app_{n:026d}" for n in (0, 4, 8, 12))
    by = {str(each["actor"]) for each in found["acts"] if "actor" in each}
    assert any("per_AGENT" in each for each in by)


def test_who_follows_a_thread_is_entered_and_the_person_sees_it(touched: Any) -> None:
    from chepai.records.ledger import Ledger

    desk, _, _ = touched
    trace(desk, "fact", WRONG)
    trace(desk, "person", OWNERS[1])
    ledger = Ledger.from_env()
    mine = ledger.of("staff#sta_supervisor_1")
    assert [each["to"]["follow"] for each in mine] == ["fact", "person"]
    assert mine[0]["to"]["reference"] == WHY["reference"]
    assert ledger.verify("staff#sta_supervisor_1") is None
    *led_to, read = ledger.of(f"person#{OWNERS[1]}")
    assert read["to"]["fields"] == ["acts"]
    assert {tuple(each["to"]["fields"]) for each in led_to} == {("case",)}


def test_a_person_followed_as_an_actor_or_by_a_fact_sees_it_too(touched: Any) -> None:
    from chepai.records.ledger import Ledger

    desk, _, _ = touched
    trace(desk, "actor", f"citizen#{OWNERS[2]}")
    body = {"follow": "fact", "value": f"person#{OWNERS[2]}|A01|1", **WHY}
    assert desk.ask("trace_acts", "supervisor", body)[0] == 422, "no such fact, and asked for"
    trace(desk, "actor", "reviewer#sta_R1")
    read = Ledger.from_env().of(f"person#{OWNERS[2]}")
    assert [each["to"]["case"] for each in read] == [WHY["reference"]] * 2
    assert {each["actor"]["id"] for each in read} == {"sta_supervisor_1"}


@pytest.mark.parametrize(
    ("follow", "value", "led_to"),
    [("fact", WRONG, 6), ("partner", "miit", 11), ("rule", "qingdao-2026.2", 3)],
)
def test_whose_cases_a_thread_leads_to_has_a_line_before_they_are_named(
    touched: Any, follow: str, value: str, led_to: int
) -> None:
    from chepai.records.ledger import Ledger

    desk, _, _ = touched
    own = OWNERS[1]
    found = trace(desk, follow, value)
    assert len(found["applications"]) == led_to
    told = [row["to"] for each in OWNERS for row in Ledger.from_env().of(f"person#{each}")]
    assert sorted(each["case"] for each in told) == sorted(found["applications"])
    assert {(each["purpose"], each["reference"]) for each in told} == {
        ("recheck", WHY["reference"])
    }
    # Whoever follows it does not come upon themselves.
    body = {"follow": follow, "value": value, **WHY}
    _, theirs = desk.ask("trace_acts", "supervisor", body, citizen=own)
    mine = {f"app_{n:026d}" for n in range(11) if OWNERS[n % len(OWNERS)] == own}
    assert set(theirs["applications"]) == set(found["applications"]) - mine
    assert not mine & {each["chain"] for each in theirs["acts"]}


@pytest.mark.parametrize(
    ("follow", "value"),
    [
        ("person", "370202199003071516"), ("actor", "citizen#370202199003071516"),
        ("actor", "citizen#13800138000"), ("actor", "agent#x370202199003071516"),
        ("actor", "clerk#13800138000"), ("fact", "person#370202199003071516|A01|1"),
        ("rule", "370202199003071516"), ("partner", "13800138000"),
    ],
)  # fmt: skip
def test_what_is_known_of_a_person_never_names_a_thread(
    touched: Any, follow: str, value: str
) -> None:
    from chepai.records.ledger import Ledger

    desk, _, _ = touched
    body = {"follow": follow, "value": value, **WHY}
    assert desk.ask("trace_acts", "supervisor", body)[0] == 422
    assert Ledger.from_env().of("staff#sta_supervisor_1") == []
    assert Ledger.from_env().of(f"person#{value}") == []


def test_nothing_is_answered_that_is_not_entered(touched: Any, monkeypatch: Any) -> None:
    from chepai.records.ledger import Ledger

    desk, _, _ = touched
    monkeypatch.setattr(Ledger, "append", lambda *_: (_ for _ in ()).throw(RuntimeError))
    body = {"follow": "fact", "value": WRONG, **WHY}
    status, answer = desk.ask("trace_acts", "supervisor", body)
    assert status == 500
    assert "applications" not in answer


def test_a_fact_that_is_none_is_told_as_such(touched: Any) -> None:
    desk, _, _ = touched
    for value in ("model#M1|F04|9", "model#M1|F99|1", "model#M1|F04|x", "nothing", "a|b"):
        body = {"follow": "fact", "value": value, **WHY}
        status, refused = desk.ask("trace_acts", "supervisor", body)
        assert (status, refused["code"]) == (422, "VR-103"), value


def test_an_own_act_with_the_digest_of_another_is_not_taken_for_it(touched: Any) -> None:
    """Two reviewers who say the same of two cases say it with one digest."""
    from chepai.records.applications import Applications
    from chepai.records.facts import Facts
    from chepai.records.table import transact

    desk, (one, other, *_), _ = touched
    facts, table = Facts.from_env(), Applications.from_env()
    for each in (one, other):
        subject, at = f"application#{each}", datetime.now(UTC)
        says = {"result": "APPROVED"}
        transact(facts.appending(subject, FactKind.REVIEW, says, at=at, by="sta_1"))
        fact = facts.of_kind(subject, FactKind.REVIEW)[-1]
        table.change(
            table.read(each), actor=Actor("system", "weigh"), act="weighed", at=at,
            evidence=[evidence_of(fact)],
        )  # fmt: skip
    seal()
    assert trace(desk, "fact", f"application#{one}|A03|1")["applications"] == [one]
    assert sorted(trace(desk, "fact", fact.digest)["applications"]) == [one, other]
