"""Whoever is late is chased: at the right time, once, up the chain, with a word to the owner."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chepai.domain import chasing
from chepai.domain.application import Application
from chepai.domain.chasing import Kind, Step
from chepai.domain.life_cycle import STAGES, Status, is_open
from chepai.domain.periods import CITY_TIME
from chepai.domain.whereabouts import right_holder
from tests.unit.domain.cases import profile
from tests.unit.domain.test_legal_clock import case

MONDAY = "2026-06-08T02:00:00.000Z"
LAW = profile()


def held(status: str, queue: str, **differs: Any) -> Application:
    differs = {"submitted_at": MONDAY, "since": MONDAY} | differs
    return case(status, queue_shard=f"{queue}#1", **differs)


def accepted(status: str, queue: str, **differs: Any) -> Application:
    return held(status, queue, accepted_at=MONDAY, legal_end="2026-06-10", **differs)


def steps(application: Application, until: datetime) -> list[tuple[str, str]]:
    """Every step that is taken when somebody looks once an hour, with the hour in China."""
    now = datetime.fromisoformat(application.since)
    taken = []
    while now <= until:
        for due in chasing.due(application, LAW, LAW, now):
            clock = chasing.taken(application, due, LAW, LAW, now)
            application = replace(application, clock=clock)
            taken.append((due.step.value, f"{now.astimezone(CITY_TIME):%d %H}"))
        now += timedelta(hours=1)
    return taken


def test_the_chain_of_an_agency_that_is_silent():
    reasons = [{"code": "F07-UNKNOWN", "who_must_act": "tax"}]
    waiting = held("awaiting_source", "agency:tax", reasons=reasons)
    # The agency has one working day, which is the ninth; the five of silence end with the 15th.
    told = steps(waiting, datetime(2026, 6, 9, 16, 0, tzinfo=UTC))
    assert told == [
        ("reminder_sent", "09 12"),
        ("supervisor_told", "09 18"),
        ("delay_announced", "09 22"),
    ]


def test_the_legal_clock_of_a_review_announces_a_delay_before_the_last_day_ends():
    told = steps(accepted("reviewing", "reviewer"), datetime(2026, 6, 10, 16, tzinfo=UTC))
    assert [word for word, _ in told] == [
        "reminder_sent", "supervisor_told", "head_told", "delay_announced",
    ]  # fmt: skip
    assert told[-1] == ("delay_announced", "10 20")


def test_a_date_announced_is_replaced_before_it_is_missed_too():
    told = steps(accepted("reviewing", "reviewer"), datetime(2026, 6, 17, 0, tzinfo=UTC))
    again = [hour for word, hour in told if word == "delay_announced"]
    assert [hour[:2] for hour in again] == ["10", "11", "12", "15", "16"]


def test_the_new_date_is_a_working_day_after_the_old_one_and_never_past():
    limit = chasing.limits(accepted("reviewing", "reviewer"), LAW, LAW)[0]
    assert limit.last_day == date(2026, 6, 10)
    assert chasing.new_date(limit, LAW, datetime(2026, 6, 10, tzinfo=UTC)) == date(2026, 6, 11)
    # Friday the 12th: the next working day is Monday.
    assert chasing.new_date(limit, LAW, datetime(2026, 6, 12, 4, tzinfo=UTC)) == date(2026, 6, 15)


def test_a_paused_clock_chases_nobody_but_its_owner():
    since = MONDAY
    standing = accepted(
        "needs_correction", "owner", reasons=[{"code": "X", "who_must_act": "owner"}],
        clock={"pauses": [{"because": "owner_corrects", "from": since}]},
    )  # fmt: skip
    told = steps(standing, datetime.fromisoformat(MONDAY) + timedelta(days=29))
    assert [word for word, _ in told] == ["owner_reminded", "owner_reminded_again"]


def test_makers_and_couriers_have_the_time_of_their_order():
    made = accepted("in_production", "plate_maker")
    limit = chasing.limits(made, LAW, LAW)[0]
    assert limit.ends - limit.begins == timedelta(seconds=LAW.patience.make_plates_and_papers)
    told = steps(made, limit.ends)
    assert [word for word, _ in told] == ["reminder_sent", "supervisor_told", "delay_announced"]


def test_what_was_done_for_a_limit_that_is_over_is_forgotten():
    made = accepted("in_production", "plate_maker")
    late = datetime.fromisoformat(MONDAY) + timedelta(days=2)
    for due in chasing.due(made, LAW, LAW, late)[:1]:
        made = replace(made, clock=chasing.taken(made, due, LAW, LAW, late))
    sent = replace(made, status="dispatched", queue_shard="courier#1", since="2026-06-20T00:00:00Z")
    due = chasing.due(sent, LAW, LAW, datetime(2026, 6, 24, tzinfo=UTC))[0]
    clock = chasing.taken(sent, due, LAW, LAW, datetime(2026, 6, 24, tzinfo=UTC))
    assert len(clock["chased"]) == 1


def test_a_withdrawn_case_is_chased_by_its_machine_alone():
    assert chasing.limits(held("awaiting_fee", "owner", ending="withdrawn"), LAW, LAW) == []


def test_a_review_after_the_end_is_chased():
    asked = {"asked_at": MONDAY}
    after = held("reviewing", "reviewer", ending="not_accepted", review=asked)
    assert [each.kind for each in chasing.limits(after, LAW, LAW)] == [Kind.PARTY]


@pytest.mark.parametrize("status", [each for each in Status if is_open(each)])
@pytest.mark.parametrize("is_accepted", [False, True])
@pytest.mark.parametrize("stuck", ["", "StepFailed"])
@pytest.mark.parametrize("who", ["owner", "tax", "lender"])
def test_every_open_case_has_a_limit_with_a_party_and_a_next_step(status, is_accepted, stuck, who):
    made = accepted if is_accepted else held
    application = made(
        status.value, "system", stuck_because=stuck,
        reasons=[{"code": "X", "who_must_act": who}],
    )  # fmt: skip
    application = replace(application, queue_shard=f"{right_holder(application)}#1")
    running = chasing.limits(application, LAW, LAW)
    assert running
    assert all(each.party for each in running)
    assert chasing.next_at(application, LAW, LAW) is not None
    for limit in running:
        found = list(chasing.steps_of(limit, running, LAW))
        assert found
        assert limit.begins <= found[0].at
        assert found[-1].at < limit.ends
        assert [each.at for each in found] == sorted(each.at for each in found)
    assert STAGES[status].phase != "ended"


def test_only_the_party_s_superiors_are_named_and_nobody_for_a_reminder():
    chain = LAW.chain_of("agency:tax")
    assert chasing.whom(Step.REMINDER, chain) == ("", "")
    assert chasing.whom(Step.SUPERVISOR, chain)[1] == "head of liaison at the tax office"
    assert LAW.chain_of("agency:lender").party == "agency"
    assert LAW.chain_of("inspector").party == "office"
