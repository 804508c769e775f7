"""The legal clock: when it starts, what alone stops it, whose law counts, and what silence does."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain import legal_clock, periods
from chepai.domain.application import Application
from chepai.domain.calendar import WorkCalendar
from chepai.domain.legal_clock import Cause
from chepai.domain.life_cycle import STAGES, Phase, Status
from chepai.domain.periods import LegalPeriod, Unit, deadline
from chepai.domain.profile import CityProfile
from infra.profile_check import CITIES, publishable
from tests.unit.domain.cases import profile

CALENDAR = WorkCalendar()
EVE = date(2025, 9, 30)


def case(status: str = "verifying", **differs: Any) -> Application:
    at = "2025-09-30T02:00:00.000Z"
    fresh = Application(
        application_id="app_0", service="new_car", city="370200", profile_version="v1",
        person_id="per_0", status=status, submitted_at=at, since=at, queue_shard="system#0",
    )  # fmt: skip
    return replace(fresh, **differs)


def at(day: str, hour: int = 4) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


def pauses(*stretches: tuple[str, str | None]) -> dict[str, Any]:
    made = [
        {"because": "inspection", "from": f"{since}T04:00:00Z"}
        | ({"to": f"{to}T04:00:00Z"} if to else {})
        for since, to in stretches
    ]
    return {"pauses": made}


def law_of(**changes: Any) -> CityProfile:
    body = publishable(CITIES / "qingdao.toml")
    for key, value in changes.items():
        section, name = key.split("__")
        body[section][name] = value
    return CityProfile.of(body)


# The vectors of the day table: over the eve of the long holiday of 2025, each as its rule counts.
@pytest.mark.parametrize(
    ("regulation", "n", "last"),
    [
        ("R164", 1, date(2025, 10, 9)),
        ("R164", 2, date(2025, 10, 10)),
        ("R164", 3, date(2025, 10, 11)),
        ("R164", 5, date(2025, 10, 14)),
        ("R164", 7, date(2025, 10, 16)),
        ("R164", 10, date(2025, 10, 21)),
        ("R164", 15, date(2025, 10, 28)),
        ("R164", 30, date(2025, 10, 30)),
        ("D162", 1, date(2025, 10, 9)),
        ("D162", 3, date(2025, 10, 11)),
        ("D162", 5, date(2025, 10, 14)),
        ("D162", 10, date(2025, 10, 10)),
        ("D162", 20, date(2025, 10, 20)),
        ("D162", 30, date(2025, 10, 30)),
        ("D162", 90, date(2025, 12, 29)),
        ("V157", 2, date(2025, 10, 10)),
        ("V157", 15, date(2025, 10, 28)),
        ("V157", 30, date(2025, 10, 30)),
        ("V157", 60, date(2025, 11, 29)),
        # Natural days; a last day off rolls on: 3 October is a holiday, the 9th is worked.
        ("P163", 3, date(2025, 10, 9)),
        ("P163", 10, date(2025, 10, 10)),
        ("P163", 30, date(2025, 10, 30)),
        ("APL", 2, date(2025, 10, 10)),
        ("APL", 7, date(2025, 10, 16)),
        ("APL", 15, date(2025, 10, 15)),
        ("APL", 90, date(2025, 12, 29)),
        ("ALL", 5, date(2025, 10, 14)),
        ("ALL", 20, date(2025, 11, 4)),
    ],
)
def test_each_regulation_s_days_over_the_long_holiday(regulation, n, last):
    unit, rolls = periods.counted(periods.Regulation(regulation), n)
    period = LegalPeriod("test", n, unit, regulation, roll_last_holiday=rolls)
    assert deadline(period, EVE, CALENDAR).last_day == last


def test_the_clock_of_a_new_car_starts_at_acceptance_and_its_day_does_not_count():
    accepted = case("accepted", accepted_at="2025-09-30T02:00:00Z")
    read = legal_clock.reading(accepted, profile(), at("2025-09-30"))
    assert (read.ends.last_day, read.left, read.days) == (date(2025, 10, 10), 2, 2)
    assert read.promised.last_day == date(2025, 10, 9)
    # Half past midnight in China on the first counted day is still the day before in UTC.
    counted = legal_clock.reading(accepted, profile(), datetime(2025, 10, 8, 16, 30, tzinfo=UTC))
    assert counted.left == 2
    assert legal_clock.reading(accepted, profile(), at("2025-10-10")).left == 1
    assert legal_clock.reading(accepted, profile(), at("2025-10-11")).left == 0


@pytest.mark.parametrize(
    ("stretch", "last"),
    [
        ((("2025-10-09", "2025-10-09"),), date(2025, 10, 10)),
        ((("2025-10-09", "2025-10-10"),), date(2025, 10, 11)),
        ((("2025-09-30", "2025-10-10"),), date(2025, 10, 11)),
        ((("2025-10-10", "2025-10-15"),), date(2025, 10, 15)),
        ((("2025-09-30", "2025-10-10"), ("2025-10-11", "2025-10-14")), date(2025, 10, 14)),
    ],
)
def test_days_of_a_pause_do_not_count(stretch, last):
    paused = case("reviewing", accepted_at="2025-09-30T02:00:00Z", clock=pauses(*stretch))
    assert legal_clock.ends_on(paused, profile(), date(2025, 12, 1)).last_day == last


@given(
    st.lists(st.integers(0, 40), min_size=2, max_size=8, unique=True),
    st.integers(1, 15),
    st.sampled_from([Unit.WORKDAY, Unit.DAY]),
)
def test_a_pause_lengthens_a_period_by_the_counted_days_in_it_and_no_more(cuts, n, unit):
    start = date(2026, 1, 12)
    ordered = sorted(cuts[: len(cuts) // 2 * 2])
    stopped = [
        (start + timedelta(a), start + timedelta(b)) for a, b in list(pairwise(ordered))[::2]
    ]
    period = LegalPeriod("test", n, unit, "test")
    last = deadline(period, start, CALENDAR, stopped=stopped).last_day
    days = periods.counted_days(period, start, last, CALENDAR, stopped=stopped)
    assert len(days) == n
    assert days[-1] == last
    assert last >= deadline(period, start, CALENDAR).last_day


WHO = {"owner": "owner", "lender": "lender", "tax": "tax"}


@pytest.mark.parametrize(
    ("status", "who", "stuck", "cause"),
    [
        ("needs_correction", "owner", "", Cause.OWNER_CORRECTS),
        ("needs_correction", "tax", "", None),
        ("needs_correction", "owner", "StepFailed", None),
        ("awaiting_source", "owner", "", Cause.OWNER_CORRECTS),
        ("awaiting_source", "lender", "", Cause.LENDER_JOINS),
        ("awaiting_source", "tax", "", None),
        ("on_site_required", "tax", "", Cause.INSPECTION),
        ("converted_on_site", "tax", "", Cause.INVESTIGATION),
        ("awaiting_owner", "tax", "", Cause.OWNER_CHOOSES),
        ("accepted", "owner", "", None),
        ("reviewing", "owner", "", None),
        ("registering", "owner", "", None),
    ],
)
def test_only_named_causes_stop_the_clock_and_an_agency_s_silence_is_none(
    status, who, stuck, cause
):
    reasons = [{"code": "X", "who_must_act": who}]
    assert legal_clock.cause_of(case(status, reasons=reasons, stuck_because=stuck)) is cause


def test_every_cause_names_its_article():
    assert set(legal_clock.PAUSED_BY) == set(Cause)


def test_a_pause_is_begun_and_ended_by_where_the_case_stands():
    since = "2026-06-10T04:00:00Z"
    before = case("approved", accepted_at="2026-06-08T02:00:00Z")
    inspected = replace(before, status="on_site_required")
    clock = legal_clock.turned(before, inspected, since)
    assert clock == {"pauses": [{"because": "inspection", "from": since}]}
    standing = replace(inspected, clock=clock)
    assert legal_clock.turned(inspected, standing, since) is None
    # One of two days had gone by. If it went on today, a Monday, today would be the last one.
    reading = legal_clock.reading(standing, profile(), at("2026-06-22"))
    assert (reading.paused.cause, reading.left) == (Cause.INSPECTION, 1)
    assert reading.ends.last_day == date(2026, 6, 22)
    going = legal_clock.turned(standing, replace(standing, status="verifying"), "2026-06-11T04:00Z")
    assert going["pauses"][0]["to"] == "2026-06-11T04:00Z"


def test_a_case_that_goes_straight_on_writes_nothing_about_its_clock():
    path = ["submitted", "verifying", "awaiting_owner", "awaiting_fee", "accepted", "approved",
            "registering", "registered", "in_production", "dispatched", "closed"]  # fmt: skip
    for was, to in pairwise(path):
        accepted = "2026-06-08T02:00:00Z" if path.index(to) > 4 else ""
        before, after = case(was, accepted_at=accepted), case(to, accepted_at=accepted)
        assert legal_clock.turned(before, after, "2026-06-08T03:00:00Z") is None, (was, to)


def test_five_working_days_of_silence_count_as_acceptance_from_the_day_it_came_in():
    silent = case("awaiting_source", reasons=[{"code": "X", "who_must_act": "tax"}])
    assert legal_clock.silence_ends(silent, profile()).last_day == date(2025, 10, 14)
    last_moment = datetime(2025, 10, 14, 15, 59, tzinfo=UTC)
    assert legal_clock.accepted_by_silence(silent, profile(), last_moment) is None
    changes = legal_clock.accepted_by_silence(silent, profile(), last_moment + timedelta(minutes=1))
    assert changes["legal_end"] == "2025-10-10"
    assert changes["stuck_because"] == legal_clock.BY_SILENCE
    accepted = replace(silent, **changes or {})
    assert legal_clock.runs(accepted)
    assert legal_clock.accepted_by_silence(accepted, profile(), at("2025-10-20")) is None


@pytest.mark.parametrize(
    ("status", "who", "untold"),
    [
        ("submitted", "tax", True),
        ("verifying", "tax", True),
        ("awaiting_source", "tax", True),
        ("awaiting_source", "owner", False),
        ("needs_correction", "owner", False),
        ("on_site_required", "tax", False),
        ("awaiting_owner", "tax", False),
    ],
)
def test_who_was_told_what_is_missing_is_not_accepted_by_silence(status, who, untold):
    told = case(status, reasons=[{"code": "X", "who_must_act": who}])
    assert legal_clock.is_untold(told) is untold


def test_the_days_of_silence_begin_anew_with_what_the_owner_hands_in():
    before = case("needs_correction", reasons=[{"code": "X", "who_must_act": "owner"}])
    after = replace(before, status="verifying")
    clock = legal_clock.turned(before, after, "2025-10-13T02:00:00Z")
    again = replace(after, clock=clock or {})
    assert legal_clock.silence_ends(again, profile()).last_day == date(2025, 10, 20)


def test_the_law_in_force_at_acceptance_counts_whatever_is_published_later():
    now, longer = date(2026, 6, 10), law_of()
    shorter = law_of(limits__first_registration={"n": 1, "unit": "WORKDAY"})
    assert legal_clock.period_of("new_car", now, longer).n == 2
    accepted = case("reviewing", accepted_at="2026-06-10T02:00:00Z")
    assert legal_clock.ends_on(accepted, longer, now).last_day == date(2026, 6, 12)
    assert legal_clock.ends_on(accepted, shorter, now).last_day == date(2026, 6, 11)


def test_a_profile_never_lengthens_what_the_law_gives():
    lax = law_of(limits__first_registration={"n": 9, "unit": "WORKDAY"})
    assert legal_clock.period_of("new_car", date(2026, 6, 10), lax).n == 2
    by_days = law_of(limits__first_registration={"n": 2, "unit": "DAY"})
    assert legal_clock.period_of("new_car", date(2026, 6, 10), by_days).unit is Unit.WORKDAY


@pytest.mark.parametrize("status", list(Status))
def test_the_clock_ends_with_the_decision(status):
    decided = STAGES[status].phase is not Phase.BEFORE_REGISTRATION
    accepted = case(status.value, accepted_at="2026-06-10T02:00:00Z")
    assert legal_clock.is_decided(accepted) is decided
    assert (legal_clock.reading(accepted, profile(), at("2026-06-11")) is None) is decided
