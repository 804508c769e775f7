"""The six grounds of suspicion on which a case leaves the online way (R164 Art. 74).

They make no one guilty: an officer sees owner and car, and clears or confirms. The owner is
told what to do and where, not the ground.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import IntEnum
from typing import NamedTuple

from chepai.domain.facts import Agency, FactKind
from chepai.domain.findings import (
    Appeal,
    Consequence,
    Finding,
    Ground,
    Limit,
    Remedy,
    by_code,
    fault_ground,
    suspicious_ground,
)
from chepai.domain.profile import CityProfile

KIND = FactKind.OFFICER


class Suspicion(IntEnum):
    """The items of Art. 74 in their order."""

    UNLAWFUL_CAR = 1
    FALSE_PAPERS = 2
    FORGED_PLATES = 3
    DECEIT = 4
    FREQUENCY = 5
    OTHER = 6


def _reported(name: str, item: Suspicion) -> Ground:
    return suspicious_ground(KIND, name, f"R164-74-{int(item)}", "report")


REPORTED = {
    Suspicion.UNLAWFUL_CAR: _reported("UNLAWFUL-CAR", Suspicion.UNLAWFUL_CAR),
    Suspicion.FALSE_PAPERS: _reported("FALSE-PAPERS", Suspicion.FALSE_PAPERS),
    Suspicion.FORGED_PLATES: _reported("FORGED-PLATES", Suspicion.FORGED_PLATES),
    Suspicion.DECEIT: _reported("DECEIT", Suspicion.DECEIT),
    Suspicion.FREQUENCY: _reported("FREQUENCY", Suspicion.FREQUENCY),
    Suspicion.OTHER: _reported("OTHER", Suspicion.OTHER),
}
OFTEN_REISSUED = suspicious_ground(KIND, "OFTEN-REISSUED", "R164-74-5", "reissued_on")
OFTEN_TRANSFERRED = suspicious_ground(KIND, "OFTEN-TRANSFERRED", "R164-74-5", "transferred_on")
OFTEN_MOVED = suspicious_ground(KIND, "OFTEN-MOVED", "R164-74-5", "moved_on")
SHARED_DEVICE = suspicious_ground(KIND, "SHARED-DEVICE", "R164-74-6", "device")


def _fresh(name: str, field: str) -> Ground:
    # Who takes over a phone number or redirects a parcel is after the certificate itself.
    return fault_ground(
        KIND,
        name,
        "CITY-REISSUE",
        field,
        consequence=Consequence.ON_SITE,
        who_acts=Agency.OWNER,
        remedy=Remedy.COME_IN_PERSON,
        limit=Limit.INSPECTION,
        appeal=Appeal.OFFICER,
    )


FRESH_PHONE = _fresh("FRESH-PHONE", "phone")
FRESH_ADDRESS = _fresh("FRESH-ADDRESS", "delivery_address")
ON_SITE = suspicious_ground(KIND, "ON-SITE", "R164-74", "application")
"""What the owner is shown in place of any ground of suspicion."""

GROUNDS = by_code(
    REPORTED.values(),
    (OFTEN_REISSUED, OFTEN_TRANSFERRED, OFTEN_MOVED, SHARED_DEVICE),
    (FRESH_PHONE, FRESH_ADDRESS, ON_SITE),
)


class History(NamedTuple):
    """What our own records know of a person, a vehicle and a device before this application.

    `device_principals` counts the people who applied from the same device of late; `reports`
    are suspicions raised by staff or a partner.
    """

    reissued_on: tuple[date, ...] = ()
    transferred_on: tuple[date, ...] = ()
    moved_on: tuple[date, ...] = ()
    phone_changed_on: date | None = None
    address_changed_on: date | None = None
    device_principals: int = 0
    reports: frozenset[Suspicion] = frozenset()


def suspicions(history: History, *, today: date, profile: CityProfile) -> tuple[Finding, ...]:
    """The findings that history gives rise to; they are weighed like those of the judges."""
    risk = profile.risk
    found = [REPORTED[item].found() for item in sorted(history.reports)]
    reissues = _within(history.reissued_on, today, risk.reissue_window_days)
    if reissues >= profile.reissue.max_per_year:
        found.append(OFTEN_REISSUED.found(seen=reissues))
    for days, ground in (
        (history.transferred_on, OFTEN_TRANSFERRED),
        (history.moved_on, OFTEN_MOVED),
    ):
        times = _within(days, today, risk.transfer_window_days)
        if times >= risk.transfers_max:
            found.append(ground.found(seen=times))
    if history.device_principals > risk.device_principals_max:
        found.append(SHARED_DEVICE.found(seen=history.device_principals))
    return tuple(found)


def fresh_contacts(history: History, *, today: date, profile: CityProfile) -> tuple[Finding, ...]:
    """Changes of phone or address too fresh to send a certificate after them."""
    cooloff = timedelta(days=profile.reissue.cooloff_days)
    changes = (
        (history.phone_changed_on, FRESH_PHONE),
        (history.address_changed_on, FRESH_ADDRESS),
    )
    return tuple(
        ground.found(seen=changed)
        for changed, ground in changes
        if changed is not None and today - changed < cooloff
    )


def _within(days: Iterable[date], today: date, window: int) -> int:
    return sum(1 for each in days if timedelta(0) <= today - each <= timedelta(days=window))
