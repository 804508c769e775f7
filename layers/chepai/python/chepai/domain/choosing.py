"""How often a person may choose a number, how long it is kept, and what a lapse costs."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

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


class Spread(NamedTuple):
    """How one offer is shown: the batches it takes of those that are left, and its seconds."""

    batches: int
    numbers: int
    seconds: int


AT_ONCE_MOST = 50
"""Numbers that are ever shown side by side: the fifty of "one of fifty" (50选1)."""


def spread(left: int, rules: NumberSelection, *, at_once: bool) -> Spread:
    """One batch, or all `left` ones side by side for who reads more slowly.

    Both ways show the same numbers by the same deals; side by side they last longer than a batch
    and shorter than all batches one after another.
    """
    if not at_once:
        return Spread(1, rules.batch_size, rules.batch_seconds)
    batches = max(1, min(left, AT_ONCE_MOST // rules.batch_size))
    return Spread(batches, batches * rules.batch_size, rules.at_once_seconds)


def batches_used(found: int, rules: NumberSelection) -> int:
    """How many batches an offer of so many numbers takes; a crowded segment may give fewer."""
    return max(1, -(-found // rules.batch_size))


def offer_until(offered_at: datetime, seconds: int) -> datetime:
    """The instant at which an offer is forfeited, by the server's clock alone."""
    return offered_at + timedelta(seconds=seconds)


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
