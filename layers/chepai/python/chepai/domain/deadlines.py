"""By when the office must be done, and how long a new car's inspection mark lasts."""

from collections.abc import Mapping
from datetime import date, datetime

from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile

LIMIT_OF_SERVICE: Mapping[str, str] = {
    "new_car": "first_registration",
    "certificate_reissue": "certificate_reissue",
}
INSPECTION_MARK_YEARS = 2


def legal_end(service: str, accepted_at: datetime, profile: CityProfile) -> date:
    """The last day for a decision; the day of acceptance does not count (R164 Arts 12, 52, 92)."""
    return profile.last_day(LIMIT_OF_SERVICE[service], city_day(accepted_at))


def mark_until(registered: date) -> date:
    """The end of a new car's inspection mark: the month's end, two years on (RTSR Art. 16)."""
    month_after = registered.month % 12 + 1
    year = registered.year + INSPECTION_MARK_YEARS + (1 if month_after == 1 else 0)
    return date.fromordinal(date(year, month_after, 1).toordinal() - 1)
