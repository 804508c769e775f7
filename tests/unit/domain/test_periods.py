"""Days are counted as each regulation counts them, over holidays and make-up days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain import periods
from chepai.domain.calendar import WorkCalendar, YearNotPublished, published
from chepai.domain.periods import Deadline, LegalPeriod, Regulation, Unit, deadline

CALENDAR = WorkCalendar()
EVE = date(2025, 9, 30)


def working_days(n: int) -> LegalPeriod:
    return LegalPeriod("test", n, Unit.WORKDAY, "test")


@pytest.mark.parametrize(
    ("n", "last"),
    [
        (1, date(2025, 10, 9)),
        (2, date(2025, 10, 10)),
        (3, date(2025, 10, 11)),
        (5, date(2025, 10, 14)),
        (15, date(2025, 10, 28)),
    ],
)
def test_working_days_after_the_eve_of_the_long_holiday(n, last):
    assert deadline(working_days(n), EVE, CALENDAR) == Deadline(last)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2025, 1, 26), True),
        (date(2025, 2, 8), True),
        (date(2025, 9, 28), True),
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),
        (date(2026, 1, 2), False),
        (date(2026, 1, 4), True),
        (date(2026, 2, 14), True),
        (date(2026, 2, 23), False),
        (date(2026, 2, 28), True),
        (date(2026, 5, 9), True),
        (date(2026, 9, 20), True),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),
        (date(2026, 11, 21), False),
    ],
)
def test_the_published_holidays_and_make_up_days(day, worked):
    assert CALENDAR.is_workday(day) is worked


def test_years_are_merged_and_the_notice_of_the_profile_counts_first():
    notice = published({"New year": "2098-12-31/2099-01-02"}, {"New year": "2099-01-03"})
    calendar = WorkCalendar({2099: notice})
    assert not calendar.is_workday(date(2099, 1, 1))
    assert calendar.is_workday(date(2099, 1, 3))
    assert not calendar.is_workday(date(2098, 12, 31))
    assert calendar.is_workday(date(2026, 1, 4))
    with pytest.raises(YearNotPublished) as unknown:
        calendar.is_workday(date(2098, 12, 30))
    assert unknown.value.year == 2098


def test_a_span_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends before"):
        published({"Spring": "2026-02-23/2026-02-15"}, {})


def test_a_year_without_a_notice_makes_the_end_provisional():
    assert not CALENDAR.knows(2099)
    last = deadline(working_days(2), date(2098, 12, 31), WorkCalendar())
    assert last.provisional
    assert deadline(working_days(1), date(2026, 1, 5), CALENDAR) == Deadline(date(2026, 1, 6))


@pytest.mark.parametrize(
    ("regulation", "days", "unit", "rolls"),
    [
        *((Regulation.REGISTRATION, n, Unit.WORKDAY, False) for n in (1, 2, 3, 5, 7, 10, 15)),
        (Regulation.REGISTRATION, 30, Unit.DAY, False),
        (Regulation.REGISTRATION, 60, Unit.DAY, False),
        *((Regulation.DRIVING_LICENCE, n, Unit.WORKDAY, False) for n in (1, 3, 5)),
        *((Regulation.DRIVING_LICENCE, n, Unit.DAY, False) for n in (10, 20, 30, 90)),
        *((Regulation.VIOLATIONS, n, Unit.WORKDAY, False) for n in (2, 3, 5, 7, 10, 15)),
        *((Regulation.VIOLATIONS, n, Unit.DAY, False) for n in (30, 60)),
        *((Regulation.POINTS, n, Unit.DAY, True) for n in (3, 10, 30)),
        *((Regulation.PENALTIES, n, Unit.WORKDAY, False) for n in (2, 3, 5, 7)),
        *((Regulation.PENALTIES, n, Unit.DAY, False) for n in (15, 90)),
        (Regulation.LICENSING, 20, Unit.WORKDAY, False),
    ],
)
def test_each_regulation_counts_its_own_days(regulation, days, unit, rolls):
    assert periods.counted(regulation, days) == (unit, rolls)


def test_what_a_regulation_does_not_say_is_not_guessed():
    with pytest.raises(ValueError, match="does not say"):
        periods.counted(Regulation.REGISTRATION, 20)


def test_every_rule_of_the_registration_order_counts_as_its_article_92_says():
    for each in periods.RULES:
        temporary = each.rule_id in {periods.DRIVE_UNREGISTERED, periods.WAIT_FOR_PLATES}
        if each.rule_id.startswith("R164") and each.unit is not Unit.YEAR and not temporary:
            assert periods.counted(Regulation.REGISTRATION, each.n)[0] is each.unit, each


def test_a_temporary_plate_runs_over_holidays_and_never_longer_than_the_law():
    unregistered = periods.rule(periods.DRIVE_UNREGISTERED, EVE)
    assert deadline(unregistered, EVE, CALENDAR) == Deadline(date(2025, 10, 29))
    waiting = periods.rule(periods.WAIT_FOR_PLATES, EVE)
    assert deadline(waiting, EVE, CALENDAR) == Deadline(date(2025, 10, 14))


def test_a_last_day_off_rolls_where_the_regulation_says_so():
    ten_days = LegalPeriod("points", 3, Unit.DAY, "P163", roll_last_holiday=True)
    assert deadline(ten_days, EVE, CALENDAR) == Deadline(date(2025, 10, 9))
    assert deadline(ten_days._replace(roll_last_holiday=False), EVE, CALENDAR) == Deadline(
        date(2025, 10, 3)
    )


@pytest.mark.parametrize(
    ("start", "n", "unit", "last"),
    [
        (date(2025, 1, 31), 1, Unit.MONTH, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, Unit.MONTH, date(2024, 2, 29)),
        (date(2025, 11, 30), 3, Unit.MONTH, date(2026, 2, 28)),
        (date(2025, 12, 5), 1, Unit.MONTH, date(2026, 1, 5)),
        (date(2024, 2, 29), 1, Unit.YEAR, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, Unit.YEAR, date(2028, 2, 29)),
    ],
)
def test_months_and_years_end_on_the_same_day_or_the_last(start, n, unit, last):
    assert deadline(LegalPeriod("test", n, unit, "test"), start, CALENDAR) == Deadline(last)


def test_a_period_ends_at_midnight_in_china():
    last = Deadline(date(2025, 10, 9))
    assert last.ends_at == datetime(2025, 10, 9, 16, tzinfo=UTC)
    assert not last.missed(datetime(2025, 10, 9, 15, 59, 59, tzinfo=UTC))
    assert last.missed(datetime(2025, 10, 9, 16, tzinfo=UTC))
    assert periods.city_day(datetime(2025, 10, 9, 16, tzinfo=UTC)) == date(2025, 10, 10)


def test_a_rule_counts_only_while_in_force():
    assert periods.rule(periods.FIRST_REGISTRATION, date(2026, 1, 1)).n == 2
    with pytest.raises(LookupError, match="not in force"):
        periods.rule(periods.FIRST_REGISTRATION, date(2022, 4, 30))


def test_rules_of_one_id_never_overlap():
    for one in periods.RULES:
        same = [each for each in periods.RULES if each.rule_id == one.rule_id]
        assert len(same) == 1 or all(each.valid_to for each in same[:-1])


def test_a_city_may_promise_less_and_never_more():
    law = periods.rule(periods.FIRST_REGISTRATION, EVE)
    assert periods.shortened(law, 1).n == 1
    for wrong in (0, 3):
        with pytest.raises(ValueError, match="allows 1 to 2"):
            periods.shortened(law, wrong)


@given(st.dates(date(2010, 1, 1), date(2025, 1, 1)), st.integers(1, 30))
def test_a_working_day_ends_every_period_and_n_of_them_lie_in_it(start, n):
    last = deadline(working_days(n), start, CALENDAR).last_day
    assert CALENDAR.is_workday(last)
    days = [start + timedelta(day) for day in range(1, (last - start).days + 1)]
    assert sum(CALENDAR.is_workday(day) for day in days) == n
