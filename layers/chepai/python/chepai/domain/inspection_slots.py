"""When cars are inspected: the times of a site on a day, by the city's hours and calendar."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from chepai.domain.calendar import YearNotPublished
from chepai.domain.profile import CityProfile, InspectionSite


def site_named(site_id: str, profile: CityProfile) -> InspectionSite | None:
    """The site with this id."""
    return next((each for each in profile.inspection.sites if each.site_id == site_id), None)


def days(today: date, profile: CityProfile) -> Iterator[date]:
    """The days for which appointments are open, from tomorrow on."""
    for ahead in range(1, profile.inspection.days_ahead + 1):
        day = today + timedelta(days=ahead)
        if profile.calendar.weekend_service or _works(day, profile):
            yield day


def times(profile: CityProfile) -> list[str]:
    """The beginnings of all appointments of a day, as HH:MM; each ends before the site closes."""
    rules = profile.inspection
    step = timedelta(minutes=rules.slot_minutes)
    start, end = _at(rules.opens), _at(rules.closes)
    found = []
    while start + step <= end:
        found.append(f"{start:%H:%M}")
        start += step
    return found


def is_offered(site_id: str, day: date, at: str, *, today: date, profile: CityProfile) -> bool:
    """Whether there is such an appointment at all, taken or not."""
    known = site_named(site_id, profile) is not None
    return known and at in times(profile) and day in set(days(today, profile))


def _works(day: date, profile: CityProfile) -> bool:
    try:
        return profile.work_calendar.is_workday(day)
    except YearNotPublished:
        return day.weekday() < 5


def _at(text: str) -> datetime:
    return datetime.combine(date.min, time.fromisoformat(text))
