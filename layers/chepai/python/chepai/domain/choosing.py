"""Who may choose a number, how often, how long it is kept, and what a lapse costs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chepai.domain.periods import LegalPeriod, Unit, city_day, deadline
from chepai.domain.profile import CityProfile
from chepai.domain.refusals import HoldingAnother, HoldLapsed, NoChoicesLeft, SelectionBarred


@dataclass(frozen=True)
class Standing:
    """Where a person stands with numbers.

    `choices` counts the numbers chosen in this case, the first included. `held_until` is the
    end of the hold of this case, `held_elsewhere` whether person or car holds a number in
    another one. `lapsed_on` is the day a hold was last left to lapse.
    """

    choices: int = 0
    held_until: datetime | None = None
    held_elsewhere: bool = False
    lapsed_on: date | None = None


def may_be_offered(standing: Standing, *, now: datetime, profile: CityProfile) -> None:
    """Raises SelectionBarred, HoldingAnother or NoChoicesLeft; returns when an offer is due."""
    until = barred_until(standing.lapsed_on, profile)
    if until is not None and city_day(now) <= until:
        raise SelectionBarred(until=until.isoformat())
    if standing.held_elsewhere:
        raise HoldingAnother
    if standing.choices > profile.numsel.choose_again_max:
        raise NoChoicesLeft


def may_take(offered_until: datetime, *, now: datetime) -> None:
    """Raises HoldLapsed once the time of the offer is over, by the server's clock alone."""
    if now >= offered_until:
        raise HoldLapsed


def kept_until(chosen_at: datetime, profile: CityProfile) -> datetime:
    """The first instant at which a number chosen now is free again, in UTC.

    The day of the choice does not count.
    """
    return profile.hold_end(city_day(chosen_at)).ends_at


def batch_until(offered_at: datetime, profile: CityProfile) -> datetime:
    """The instant at which a batch on offer is forfeited."""
    return offered_at + timedelta(seconds=profile.numsel.batch_seconds)


def has_lapsed(standing: Standing, *, now: datetime) -> bool:
    """Whether the number of this case was left unused past its time."""
    return standing.held_until is not None and now >= standing.held_until


def barred_until(lapsed_on: date | None, profile: CityProfile) -> date | None:
    """The last day without choosing online after a lapse; None when the city sets no penalty."""
    months = profile.numsel.lapse_ban_months
    if lapsed_on is None or not months:
        return None
    period = LegalPeriod("numsel.lapse_ban_months", months, Unit.MONTH, profile.version)
    return deadline(period, lapsed_on, profile.work_calendar).last_day
