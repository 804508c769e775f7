"""How often a person may choose a number, how long it is kept, and what a lapse costs."""

from datetime import date, datetime, timedelta
from typing import Any

from chepai.domain.application import Application
from chepai.domain.periods import LegalPeriod, Unit, city_day, deadline
from chepai.domain.profile import CityProfile, NumberSelection

KEPT_FOR_THE_FEE = timedelta(hours=2)
"""How long a number is kept at least once its fee is ordered: the money may be on its way."""


def choices_left(application: Application, rules: NumberSelection) -> int:
    """How many numbers may still be chosen in this case."""
    return max(0, 1 + rules.choose_again_max - application.choices)


def batches_left(application: Application, rules: NumberSelection) -> int:
    """Each choice has its own batches; what was not used of them is forfeited with the choice.

    `batches_back` are those that the owner had no use of through nobody's fault.
    """
    rounds = 1 + min(application.choices, rules.choose_again_max)
    return max(0, rules.batches * rounds - application.offers + application.batches_back)


def given_back(application: Application, rules: NumberSelection) -> dict[str, Any]:
    """The counts of a case whose owner lost a chosen number and gets that choice again, whole."""
    choices = max(0, application.choices - 1)
    used = application.offers - rules.batches * min(choices, rules.choose_again_max)
    return {"choices": choices, "batches_back": max(application.batches_back, used)}


def batch_until(offered_at: datetime, rules: NumberSelection) -> datetime:
    """The instant at which a batch on offer is forfeited, by the server's clock alone."""
    return offered_at + timedelta(seconds=rules.batch_seconds)


def kept_until(chosen_at: datetime, profile: CityProfile) -> datetime:
    """The first instant at which a number chosen now is free again, in UTC.

    The day of the choice does not count.
    """
    return profile.hold_end(city_day(chosen_at)).ends_at


def kept_for_the_fee(held_until: datetime, ordered_at: datetime) -> datetime:
    """Until when a number is kept whose fee is ordered now."""
    return max(held_until, ordered_at + KEPT_FOR_THE_FEE)


def barred_until(lapsed_at: datetime, profile: CityProfile) -> datetime | None:
    """When choosing online is open again after a lapse; None when the city sets no penalty."""
    months = profile.numsel.lapse_ban_months
    if not months:
        return None
    period = LegalPeriod("numsel.lapse_ban_months", months, Unit.MONTH, profile.version)
    return deadline(period, city_day(lapsed_at), profile.work_calendar).ends_at


def last_day_barred(until: datetime) -> date:
    """The last day of a bar, from the moment at which it is over."""
    return city_day(until - timedelta(microseconds=1))
