"""How long a temporary plate is good for: calendar days, never past the policy (Arts 46, 47)."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from chepai.domain.profile import CityProfile
from chepai.domain.refusals import NoPolicyForTheseDays, TemporaryPlatesUsedUp


class Need(StrEnum):
    """Why the car drives without its plates."""

    NOT_REGISTERED = "not_registered"
    PLATES_NOT_READY = "plates_not_ready"


class Validity(NamedTuple):
    """The first and the last day on which the plate may be used."""

    first_day: date
    last_day: date


def validity(
    need: Need,
    *,
    issued_on: date,
    policy_starts_on: date | None,
    policy_ends_on: date | None,
    earlier: int,
    profile: CityProfile,
) -> Validity:
    """The days of a plate issued on `issued_on`; `earlier` counts those issued for this need.

    Raises TemporaryPlatesUsedUp after the last one before registration, NoPolicyForTheseDays when
    no compulsory policy covers any of the days.
    """
    if need is Need.NOT_REGISTERED and earlier >= profile.temporary_plate.times_max:
        raise TemporaryPlatesUsedUp
    if policy_starts_on is None or policy_ends_on is None:
        raise NoPolicyForTheseDays
    registered = need is Need.PLATES_NOT_READY
    allowed = profile.temporary_plate_end(issued_on, registered=registered).last_day
    first, last = max(issued_on, policy_starts_on), min(allowed, policy_ends_on)
    if first > last:
        raise NoPolicyForTheseDays
    return Validity(first, last)


def kept(need: Need, days: Validity) -> dict[str, str]:
    """A temporary plate as its case keeps it, whoever issues it."""
    first, last = (day.isoformat() for day in days)
    return {"reason": need.value, "from": first, "until": last}


def void_after(delivered_on: date, profile: CityProfile) -> date:
    """The last day of use once the plates were delivered, some working days on (Art. 47)."""
    return profile.last_day("void_temporary_plate", delivered_on)
