"""Working days: the State Council's holidays and make-up days, year by year.

Years come from two places and are merged: those in the city profile count first (a new notice
is published every November and must not wait for a release), the rest from the calendar library.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

_SATURDAY = 5


class YearNotPublished(LookupError):
    """No notice of the State Council for this year is known yet; `year` says which."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the holidays of {year} are not published")
        self.year = year


class PublishedYear(NamedTuple):
    """One yearly notice: days off, and the week-end days worked instead."""

    off: frozenset[date]
    worked: frozenset[date]


class WorkCalendar:
    """Which days are worked, in the years that are published."""

    def __init__(self, years: Mapping[int, PublishedYear] | None = None) -> None:
        years = years or {}
        self._own = frozenset(years)
        # One notice may touch the last days of the year before: its days count wherever they lie.
        self._off = frozenset(day for year in years.values() for day in year.off)
        self._worked = frozenset(day for year in years.values() for day in year.worked)

    def knows(self, year: int) -> bool:
        """Whether the holidays of a year are published."""
        try:
            self.is_workday(date(year, 1, 1))
        except YearNotPublished:
            return False
        return True

    def is_workday(self, day: date) -> bool:
        """Whether a day is worked; YearNotPublished when nobody can know yet."""
        if day in self._worked:
            return True
        if day in self._off:
            return False
        if day.year in self._own:
            return day.weekday() < _SATURDAY
        # Imported when asked for: it costs 4 ms, and the current years are in the profile.
        import chinese_calendar

        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            raise YearNotPublished(day.year) from None


def published(off: Mapping[str, str], worked: Mapping[str, str]) -> PublishedYear:
    """A year from its profile entry: the holiday's name to "first/last" or to single days.

    ValueError when a span is no ISO date or ends before it starts.
    """
    return PublishedYear(_days(off), _days(worked))


def _days(spans: Mapping[str, str]) -> frozenset[date]:
    found: set[date] = set()
    for span in spans.values():
        for part in span.split(","):
            first, _, last = part.strip().partition("/")
            start, end = date.fromisoformat(first), date.fromisoformat(last or first)
            if end < start:
                raise ValueError(f"{part} ends before it starts")
            found |= {start + timedelta(days) for days in range((end - start).days + 1)}
    return frozenset(found)
