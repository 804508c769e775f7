"""The gate to the online service: six conditions a new car must meet to need no errand.

The pre-check before login and the judges of a filed application ask the same functions, so
nobody is promised online what the decision then denies. What is not known stays unknown.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from chepai.domain.calendar import WorkCalendar
from chepai.domain.facts import Agency, FactKind
from chepai.domain.findings import (
    Appeal,
    Consequence,
    Ground,
    Limit,
    Remedy,
    by_code,
    fault_ground,
    refusing_ground,
)
from chepai.domain.periods import TEST_FREE, Unit, deadline, rule
from chepai.domain.plates import Energy, VehicleClass, energy_letters
from chepai.domain.profile import CityProfile

CLASSES = (VehicleClass.SMALL_PASSENGER, VehicleClass.MINI_PASSENGER)
ENERGIES = tuple(Energy)
NON_OPERATING = "A"
NO_CALENDAR = WorkCalendar()
"""Months and years are counted without a calendar of working days."""


def _other_service(kind: FactKind, name: str, field: str) -> Ground:
    # The car may well be registered, only not by this service: the counter takes it.
    return refusing_ground(
        kind, name, "R164-14", field, remedy=Remedy.APPLY_AT_COUNTER, overrulable=False
    )


def _bring_the_car(kind: FactKind, name: str, rule: str, field: str) -> Ground:
    return fault_ground(
        kind,
        name,
        rule,
        field,
        consequence=Consequence.ON_SITE,
        who_acts=Agency.OWNER,
        remedy=Remedy.BRING_CAR,
        limit=Limit.INSPECTION,
        appeal=Appeal.DISPUTE,
        overrulable=False,
        cured_on_site=True,
    )


IMPORTED = _other_service(FactKind.CERTIFICATE, "ORIGIN", "origin")
OTHER_CLASS = _other_service(FactKind.CERTIFICATE, "CLASS", "vehicle_class")
ENERGY_CLOSED = _other_service(FactKind.CERTIFICATE, "ENERGY", "energy")
TOO_OLD = _bring_the_car(FactKind.CERTIFICATE, "AGE", "R164-11", "left_factory_on")
MAKER_NOT_CONNECTED = _bring_the_car(
    FactKind.PRE_INSPECTION, "MAKER-NOT-CONNECTED", "R164-14", "maker"
)
HAD_ACCIDENT = _bring_the_car(FactKind.PRE_INSPECTION, "ACCIDENT", "R164-11", "accident")
OTHER_PROOF = _other_service(FactKind.INVOICE, "KIND", "kind")
OPERATING_USE = fault_ground(
    FactKind.CORRECTION,
    "USE",
    "R164-14",
    "use_character",
    who_acts=Agency.OWNER,
    remedy=Remedy.CORRECT_ENTRY,
    limit=Limit.CORRECTION,
    overrulable=False,
)
NO_QUOTA = refusing_ground(
    FactKind.CORRECTION, "QUOTA", "CITY-QUOTA", "quota", remedy=Remedy.APPLY_AGAIN
)
BANNED = refusing_ground(
    FactKind.CORRECTION,
    "BANNED",
    "R164-80",
    "applicant",
    agency=Agency.OFFICE,
    remedy=Remedy.WAIT_OUT_BAN,
    overrulable=False,
)
GROUNDS = by_code(
    (
        IMPORTED,
        OTHER_CLASS,
        ENERGY_CLOSED,
        TOO_OLD,
        MAKER_NOT_CONNECTED,
        HAD_ACCIDENT,
        OTHER_PROOF,
        OPERATING_USE,
        NO_QUOTA,
        BANNED,
    )
)


class Known(NamedTuple):
    """What is known of a car and its owner at this moment; None means not known."""

    origin: str | None = None
    vehicle_class: str | None = None
    energy: str | None = None
    use_character: str | None = None
    vin: str | None = None
    pre_inspected: bool | None = None
    accident: bool | None = None
    left_factory_on: date | None = None
    invoice_kind: str | None = None
    quota_verified: bool | None = None
    refused_on: tuple[Ground, ...] | None = None
    banned_until: date | None = None


class State(StrEnum):
    """Whether a condition holds."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Condition(NamedTuple):
    """One condition of the gate: its number in the law's list, its state, and why it fails."""

    number: int
    asks: str
    state: State
    failed: Ground | None = None
    seen: str | None = None


class Way(StrEnum):
    """How the car can be registered, as far as is known."""

    ONLINE = "online"
    ON_SITE = "on_site"
    NOT_HERE = "not_here"
    UNKNOWN = "unknown"


class Assessment(NamedTuple):
    """The answer of the gate: the way, and every condition with its state."""

    way: Way
    conditions: tuple[Condition, ...]

    @property
    def failed(self) -> tuple[Ground, ...]:
        return tuple(each.failed for each in self.conditions if each.failed is not None)


def assess(known: Known, *, today: date, profile: CityProfile) -> Assessment:
    """Weigh all conditions: one failure decides, one unknown keeps the promise back."""
    found = tuple(conditions(known, today=today, profile=profile))
    failed = {each.failed.consequence for each in found if each.failed is not None}
    if failed - {Consequence.ON_SITE}:
        way = Way.NOT_HERE
    elif failed:
        way = Way.ON_SITE
    elif any(each.state is State.UNKNOWN for each in found):
        way = Way.UNKNOWN
    else:
        way = Way.ONLINE
    return Assessment(way, found)


def conditions(known: Known, *, today: date, profile: CityProfile) -> Iterator[Condition]:
    """Every condition in the order of the law's list; pure."""
    yield _one(1, "origin", IMPORTED, known.origin, known.origin == "DOMESTIC")
    yield _one(1, "vehicle_class", OTHER_CLASS, known.vehicle_class, known.vehicle_class in CLASSES)
    yield _one(1, "energy", ENERGY_CLOSED, known.energy, energy_is_open(known.energy, profile))
    yield _one(
        1, "use_character", OPERATING_USE, known.use_character, known.use_character == NON_OPERATING
    )
    connected = None if known.vin is None else maker_is_connected(known.vin, today, profile)
    yield _one(2, "maker_connected", MAKER_NOT_CONNECTED, connected, connected is True)
    # A record that is not there yet may still come: that is waiting, not failing.
    recorded = True if known.pre_inspected else None
    yield _one(2, "pre_inspected", MAKER_NOT_CONNECTED, recorded, recorded is True)
    left = known.left_factory_on
    yield _one(3, "age", TOO_OLD, left, left is not None and not is_too_old(left, today, profile))
    yield _one(3, "accident", HAD_ACCIDENT, known.accident, known.accident is False)
    yield _one(4, "invoice", OTHER_PROOF, known.invoice_kind, known.invoice_kind == "NEW_VEHICLE")
    quota = known.quota_verified if profile.newcar.quota_enabled else True
    yield _one(5, "quota", NO_QUOTA, quota, quota is True)
    yield _refusals(known)
    if known.banned_until is not None and today <= known.banned_until:
        yield Condition(6, "ban", State.FAILS, BANNED, known.banned_until.isoformat())


def _one(number: int, asks: str, ground: Ground, value: object, holds: bool) -> Condition:
    if value is None:
        return Condition(number, asks, State.UNKNOWN)
    if holds:
        return Condition(number, asks, State.HOLDS)
    return Condition(number, asks, State.FAILS, ground, str(value))


def _refusals(known: Known) -> Condition:
    if known.refused_on is None:
        return Condition(6, "article_15", State.UNKNOWN)
    if not known.refused_on:
        return Condition(6, "article_15", State.HOLDS)
    return Condition(6, "article_15", State.FAILS, known.refused_on[0])


def energy_is_open(energy: str | None, profile: CityProfile) -> bool:
    """Whether the city takes cars of this energy online."""
    if energy not in ENERGIES:
        return False
    return profile.newcar.allow_nev or not energy_letters(Energy(energy))


def is_too_old(left_factory_on: date, today: date, profile: CityProfile) -> bool:
    """Whether a roadworthiness test is due; the day the months are full still counts as young.

    A city may ask for the test earlier than the law, never later.
    """
    law = rule(TEST_FREE, today)
    ours = law._replace(n=profile.newcar.max_age_months_without_test, unit=Unit.MONTH)
    return any(
        deadline(each, left_factory_on, NO_CALENDAR).last_day < today for each in (law, ours)
    )


def maker_is_connected(vin: str, today: date, profile: CityProfile) -> bool:
    """Whether the maker that this VIN belongs to sends pre-inspection records on that day."""
    maker = profile.maker_of(vin)
    return maker is not None and maker.connected_on(today)
