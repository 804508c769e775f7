"""By when the office must be done, and what the first registration brings with it."""

from datetime import date, datetime

from chepai.domain.periods import LegalPeriod, city_day, deadline, rule, shortened
from chepai.domain.profile import CityProfile

RULE_OF_SERVICE = {"new_car": "first_registration", "certificate_reissue": "reissue_certificate"}
INSPECTION_MARK_YEARS = 2


def period_of(service: str, on: date, profile: CityProfile) -> LegalPeriod:
    """The law's period in force on a day, or the shorter one the city promises."""
    name = RULE_OF_SERVICE[service]
    return shortened(rule(name, on), profile.limits.promised(name))


def legal_end(service: str, accepted_at: datetime, profile: CityProfile) -> date:
    """The last day for a decision; the day of acceptance does not count (R164 Arts 12, 52, 92)."""
    day = city_day(accepted_at)
    return deadline(period_of(service, day, profile), day, profile.work_calendar).last_day


def mark_until(registered: date) -> date:
    """The end of a new car's inspection mark: the month's end, two years on (RTSR Art. 16)."""
    month_after = registered.month % 12 + 1
    year = registered.year + INSPECTION_MARK_YEARS + (1 if month_after == 1 else 0)
    return date.fromordinal(date(year, month_after, 1).toordinal() - 1)
