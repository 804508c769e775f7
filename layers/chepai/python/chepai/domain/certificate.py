"""Whether the maker's certificate of conformity is for this car, and still holds (F03)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from chepai.domain import gate
from chepai.domain.case import Case
from chepai.domain.facts import Fact, FactKind
from chepai.domain.findings import (
    Finding,
    UnreadableFactError,
    by_code,
    day,
    fault_ground,
    judged,
    text,
    usual,
    whole,
    word,
)
from chepai.domain.masking import mask_vin
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile

KIND = FactKind.CERTIFICATE
PARAMETERS = ("length_mm", "mass_kg", "seats", "displacement_ml")

USUAL = usual(KIND, "R164-12")
OTHER_VIN = fault_ground(KIND, "VIN", "R164-15-3", "vin")
VOID = fault_ground(KIND, "VOID", "R164-15-1", "status")
FUTURE = fault_ground(KIND, "DATE", "R164-15-1", "issued_on")
GROUNDS = by_code(
    USUAL,
    (OTHER_VIN, VOID, FUTURE, gate.IMPORTED, gate.OTHER_CLASS, gate.ENERGY_CLOSED, gate.TOO_OLD),
)


@judged(USUAL, GROUNDS)
def judge(fact: Fact, case: Case, now: datetime, profile: CityProfile) -> Iterator[Finding]:
    for name in ("certificate_no", "maker", "model", "engine_no", "colour"):
        text(fact, name)
    parameters(fact)
    today = city_day(now)
    # The whole VIN: letters that share a value pass the check digit in each other's place.
    if text(fact, "vin") != case.vin:
        yield OTHER_VIN.found(fact, seen=mask_vin(text(fact, "vin")))
    if word(fact, "status", "VALID", "VOID") == "VOID":
        yield VOID.found(fact, seen=fact.says["status"])
    if day(fact, "issued_on") > today:
        yield FUTURE.found(fact, seen=fact.says["issued_on"])
    if day(fact, "left_factory_on") > today:
        yield FUTURE.found(fact, field="left_factory_on", seen=fact.says["left_factory_on"])
    known = gate.Known(
        origin=word(fact, "origin", "DOMESTIC", "IMPORTED"),
        vehicle_class=text(fact, "vehicle_class"),
        energy=word(fact, "energy", *gate.ENERGIES),
        left_factory_on=day(fact, "left_factory_on"),
    )
    for condition in gate.conditions(known, today=today, profile=profile):
        if condition.failed is not None and condition.failed.kind is KIND:
            yield condition.failed.found(fact, seen=condition.seen)


def parameters(fact: Fact) -> Mapping[str, int]:
    """The technical parameters by name, in the unit of the name. Raises UnreadableFactError."""
    values: Any = fact.says.get("params")
    if not hasattr(values, "get"):
        raise UnreadableFactError("params")
    return {name: whole(values, name) for name in PARAMETERS}
