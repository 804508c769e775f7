"""Periods of law 期限: "day" has several legal meanings, and every rule says which is its own."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

from chepai.domain.calendar import WorkCalendar, YearNotPublished

CITY_TIME = timezone(timedelta(hours=8))
"""Legal days begin and end at midnight in China, which has one time zone and no summer time."""


class Unit(StrEnum):
    """What is counted."""

    WORKDAY = "WORKDAY"
    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"


class Regulation(StrEnum):
    """Regulations that say themselves how their days are counted."""

    REGISTRATION = "R164"
    DRIVING_LICENCE = "D162"
    VIOLATIONS = "V157"
    POINTS = "P163"
    PENALTIES = "APL"
    LICENSING = "ALL"


class LegalPeriod(NamedTuple):
    """One rule's period, with the version of the law that it stands in.

    `start_excluded`: the day of the event does not count (Civil Code Art. 201), the usual way.
    `roll_last_holiday`: a last day off moves to the next working day.
    `valid_to` is the last day in force, None while it is.
    """

    rule_id: str
    n: int
    unit: Unit
    source: str
    start_excluded: bool = True
    roll_last_holiday: bool = False
    valid_from: date = date(2022, 5, 1)
    valid_to: date | None = None


class Deadline(NamedTuple):
    """The last day of a period.

    `provisional`: the period runs into a year without published holidays. There week-ends alone
    were left out, so the day shown is the earliest possible one; count again when the notice is
    out.
    """

    last_day: date
    provisional: bool = False

    @property
    def ends_at(self) -> datetime:
        """The first instant after the period, in UTC: the last day runs until midnight."""
        return instant_of(self.last_day + timedelta(1))

    def missed(self, now: datetime) -> bool:
        """Whether the period is over at an instant."""
        return now >= self.ends_at


_WORKED_DAYS = {
    Regulation.REGISTRATION: {1, 2, 3, 5, 7, 10, 15},
    Regulation.DRIVING_LICENCE: {1, 3, 5},
    Regulation.VIOLATIONS: {2, 3, 5, 7, 10, 15},
    Regulation.PENALTIES: {2, 3, 5, 7},
}
_CALENDAR_DAYS_FROM = {Regulation.REGISTRATION: 30, Regulation.DRIVING_LICENCE: 10}


def counted(regulation: Regulation, days: int) -> tuple[Unit, bool]:
    """How a regulation counts so many days: the unit, and whether a last day off rolls on.

    R164 Art. 92, D162 Art. 110, V157 Art. 81, P163 Art. 36, APL Art. 85, ALL Art. 82. ValueError
    when the regulation does not say. The validity of a temporary plate is always calendar days,
    whatever its length (R164 Art. 92): its rules below say so themselves.
    """
    if regulation is Regulation.LICENSING:
        return Unit.WORKDAY, False
    if regulation is Regulation.POINTS:
        return Unit.DAY, True
    if days in _WORKED_DAYS[regulation]:
        return Unit.WORKDAY, False
    if days < _CALENDAR_DAYS_FROM.get(regulation, 1):
        raise ValueError(f"{regulation} does not say how {days} days are counted")
    return Unit.DAY, False


def deadline(
    period: LegalPeriod,
    start: date,
    calendar: WorkCalendar,
    *,
    stopped: Sequence[tuple[date, date]] = (),
) -> Deadline:
    """The last day of a period whose event fell on `start`.

    `stopped` are the pauses of its clock, each from the day it began to the day it ended: the first
    of these days does not count, for the clock did not run to its end; the last one does.
    """
    if period.unit is Unit.WORKDAY:
        return _after_workdays(period, start, calendar, stopped)
    last = _last_calendar_day(period, start)
    if stopped:
        last = _later(start if period.start_excluded else start - timedelta(1), last, stopped)
    if not period.roll_last_holiday:
        return Deadline(last)
    provisional = False
    while True:
        works, guessed = _works(last, calendar)
        provisional = provisional or guessed
        if works:
            return Deadline(last, provisional)
        last += timedelta(1)


def is_stopped(day: date, stopped: Sequence[tuple[date, date]]) -> bool:
    """Whether a day falls into a pause of the clock."""
    return any(first <= day < last for first, last in stopped)


def counted_days(
    period: LegalPeriod,
    start: date,
    last: date,
    calendar: WorkCalendar,
    *,
    stopped: Sequence[tuple[date, date]] = (),
) -> list[date]:
    """The days of a period that count, from its first to `last`."""
    first = start if period.start_excluded else start - timedelta(1)
    days = [day for day in _days_after(first, last) if not is_stopped(day, stopped)]
    if period.unit is Unit.WORKDAY:
        return [day for day in days if _works(day, calendar)[0]]
    return days


def rule(rule_id: str, on: date) -> LegalPeriod:
    """The rule as it stood on a day: a case keeps the version in force at its acceptance.

    LookupError when no version was in force.
    """
    for period in RULES:
        in_force = period.valid_from <= on and (period.valid_to is None or on <= period.valid_to)
        if period.rule_id == rule_id and in_force:
            return period
    raise LookupError(f"{rule_id} was not in force on {on}")


def shortened(period: LegalPeriod, n: int) -> LegalPeriod:
    """The period that a city promises: the same rule, never longer. ValueError otherwise."""
    if not 0 < n <= period.n:
        raise ValueError(f"{period.rule_id} allows 1 to {period.n}, not {n}")
    return period._replace(n=n)


def city_day(now: datetime) -> date:
    """The legal day of an instant."""
    return now.astimezone(CITY_TIME).date()


def instant_of(day: date) -> datetime:
    """The first instant of a legal day, in UTC."""
    return datetime.combine(day, time(), CITY_TIME).astimezone(UTC)


def _days_after(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range(1, (last - first).days + 1)]


def _later(first: date, last: date, stopped: Sequence[tuple[date, date]]) -> date:
    """The last day when the days of pauses do not count."""
    day, left = first, (last - first).days
    while left:
        day += timedelta(1)
        left -= not is_stopped(day, stopped)
    return day


def _after_workdays(
    period: LegalPeriod,
    start: date,
    calendar: WorkCalendar,
    stopped: Sequence[tuple[date, date]],
) -> Deadline:
    day, left, provisional = start, period.n, False
    if not period.start_excluded:
        day -= timedelta(1)
    while left:
        day += timedelta(1)
        works, guessed = _works(day, calendar)
        provisional = provisional or guessed
        left -= works and not is_stopped(day, stopped)
    return Deadline(day, provisional)


def _works(day: date, calendar: WorkCalendar) -> tuple[bool, bool]:
    try:
        return calendar.is_workday(day), False
    except YearNotPublished:
        return day.weekday() < 5, True


def _last_calendar_day(period: LegalPeriod, start: date) -> date:
    if period.unit is Unit.DAY:
        last = start + timedelta(period.n)
    else:
        months = period.n * (12 if period.unit is Unit.YEAR else 1)
        last = _months_later(start, months)
    return last if period.start_excluded else last - timedelta(1)


def _months_later(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    # Without such a day the month's last one ends the period (Civil Code Art. 202).
    for day in range(start.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, start.day)


_WD, _DAY, _YEAR = Unit.WORKDAY, Unit.DAY, Unit.YEAR
_RTSL_2021 = date(2021, 4, 29)
_ALL_2019 = date(2019, 4, 23)
_REVIEW_LAW_2024 = date(2024, 1, 1)

TELL_ONCE = "R164-3-tell-once"
FIRST_REGISTRATION = "R164-12-first-registration"
TEST_FREE = "R164-11-no-test"
ORIGINAL_NUMBER = "R164-44-original-number"
NUMBER_USED = "R164-44-number-used"
DRIVE_UNREGISTERED = "R164-46-drive-unregistered"
WAIT_FOR_PLATES = "R164-47-wait-for-plates"
VOID_TEMPORARY_PLATE = "R164-47-void-temporary-plate"
ISSUE_TEMPORARY_PLATE = "R164-47-issue-temporary-plate"
REISSUE_PLATES = "R164-51-reissue-plates"
REISSUE_CERTIFICATE = "R164-52-reissue-certificate"
REISSUE_LICENCE = "R164-52-reissue-licence"
CORRECT_RECORD = "R164-53-correct-record"
CAMERA_OBJECTION = "V157-22-camera-objection"
FALSE_STATEMENT_BAN = "R164-80-ban"
DECEIT_BAN = "R164-81-ban"
ASK_RECONSIDERATION = "ARL-20-reconsideration"

RULES = (
    LegalPeriod(TELL_ONCE, 5, _WD, "R164 Art. 3; ALL Art. 32(4)"),
    LegalPeriod(TEST_FREE, 2, _YEAR, "R164 Art. 11"),
    LegalPeriod(FIRST_REGISTRATION, 2, _WD, "R164 Art. 12"),
    LegalPeriod("RTSL-9-first-registration", 5, _WD, "RTSL Art. 9", valid_from=_RTSL_2021),
    LegalPeriod(ORIGINAL_NUMBER, 2, _YEAR, "R164 Art. 44"),
    LegalPeriod(NUMBER_USED, 1, _YEAR, "R164 Art. 44"),
    # A temporary plate is good from the day it is issued: counting that day never exceeds the law.
    LegalPeriod(DRIVE_UNREGISTERED, 30, _DAY, "R164 Arts 46, 92", start_excluded=False),
    LegalPeriod(WAIT_FOR_PLATES, 15, _DAY, "R164 Arts 47, 92", start_excluded=False),
    LegalPeriod(VOID_TEMPORARY_PLATE, 3, _WD, "R164 Art. 47"),
    LegalPeriod(ISSUE_TEMPORARY_PLATE, 1, _WD, "R164 Art. 47"),
    LegalPeriod(REISSUE_PLATES, 15, _WD, "R164 Art. 51"),
    LegalPeriod(REISSUE_CERTIFICATE, 1, _WD, "R164 Art. 52"),
    LegalPeriod(REISSUE_LICENCE, 1, _WD, "R164 Art. 52"),
    LegalPeriod(CORRECT_RECORD, 5, _WD, "R164 Art. 53"),
    LegalPeriod(CAMERA_OBJECTION, 5, _WD, "V157 Arts 5, 22, 81"),
    LegalPeriod(FALSE_STATEMENT_BAN, 1, _YEAR, "R164 Art. 80"),
    LegalPeriod(DECEIT_BAN, 3, _YEAR, "R164 Art. 81"),
    LegalPeriod("ALL-42-decide", 20, _WD, "ALL Art. 42", valid_from=_ALL_2019),
    LegalPeriod(
        ASK_RECONSIDERATION,
        60,
        _DAY,
        "Administrative Reconsideration Law Art. 20",
        roll_last_holiday=True,
        valid_from=_REVIEW_LAW_2024,
    ),
)
