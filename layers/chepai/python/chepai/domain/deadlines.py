"""By when the office must be done, and how long a new car's inspection mark lasts."""

from datetime import date, datetime

from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.services import SERVICES

INSPECTION_MARK_YEARS = 2


def legal_end(service: str, accepted_at: datetime, profile: CityProfile) -> date:
    """The last day for a decision; the day of acceptance does not count (R164 Arts 12, 52, 92)."""
    return profile.last_day(SERVICES[service].limit, city_day(accepted_at))


def mark_until(registered: date) -> date:
    """The end of a new car's inspection mark: the month's end, two years on (RTSR Art. 16)."""
    month_after = registered.month % 12 + 1
    year = registered.year + INSPECTION_MARK_YEARS + (1 if month_after == 1 else 0)
    return date.fromordinal(date(year, month_after, 1).toordinal() - 1)
