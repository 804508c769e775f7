"""The check before filing: what someone says of a car, put to the very rules of the decision.

Nothing is looked up and nothing is kept. What is not said stays unknown, and an unknown never
counts as a condition that holds.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from chepai.domain import gate
from chepai.domain import vin as vins
from chepai.domain.findings import Ground
from chepai.domain.plates import Energy, VehicleClass
from chepai.domain.profile import CityProfile
from chepai.domain.reasons import cards
from chepai.domain.refusal_grounds import ARTICLE_15
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.domain.verification import GROUNDS
from chepai.edge.api import Answer, Body
from chepai.edge.texts import say_in_both
from chepai.edge.views import Texts, card
from chepai.edge.weighing import recorded

Item = Annotated[int, Field(ge=min(ARTICLE_15), le=max(ARTICLE_15))]


class Car(Body):
    """What is known of the car; leave out what is not known.

    `refusal_grounds` are the items of Art. 15 of the registration rules that are known to be met:
    an empty list says that none is. `left_factory_on` is a date.
    """

    vin: Annotated[str, Field(max_length=40)] | None = None
    origin: Literal["DOMESTIC", "IMPORTED"] | None = None
    vehicle_class: VehicleClass | None = None
    energy: Energy | None = None
    use_character: Annotated[str, Field(pattern=r"^[A-Z]$")] | None = None
    pre_inspected: bool | None = None
    accident: bool | None = None
    left_factory_on: date | None = None
    invoice_kind: Literal["NEW_VEHICLE", "USED_VEHICLE", "OTHER"] | None = None
    quota_verified: bool | None = None
    refusal_grounds: Annotated[list[Item], Field(max_length=len(ARTICLE_15))] | None = None
    banned_until: date | None = None


class Condition(Answer):
    """One condition: holds, fails or unknown; a failing one has the reason card of the decision."""

    number: int
    asks: str
    text: Texts
    state: str
    state_text: Texts
    reason: dict[str, Any] | None = None


class Assessed(Answer):
    """The way on which the car can be registered, as far as was said, by the rules of a version."""

    way: str
    way_text: Texts
    conditions: list[Condition]
    rule_version: str
    checked_on: str


def assess(car: Car, profile: CityProfile, today: date) -> Assessed:
    """Raises FieldInvalid for a VIN that cannot be one."""
    domestic = car.origin != "IMPORTED"
    if car.vin and (fault := vins.why_invalid(car.vin, domestic=domestic)):
        raise FieldInvalid(FieldProblem("vin", fault.value))
    return told(_known(car), profile, today)


def told(known: gate.Known, profile: CityProfile, today: date) -> Assessed:
    """The gate's answer in words, for what is known of a car."""
    found = gate.assess(known, today=today, profile=profile)
    return Assessed(
        way=found.way.value,
        way_text=say_in_both("services", f"way.{found.way}"),
        conditions=[_condition(each, profile, today) for each in found.conditions],
        rule_version=profile.version,
        checked_on=today.isoformat(),
    )


def _known(car: Car) -> gate.Known:
    items = car.refusal_grounds
    return gate.Known(
        origin=car.origin,
        vehicle_class=car.vehicle_class,
        energy=car.energy,
        use_character=car.use_character,
        vin=vins.normalise(car.vin) if car.vin else None,
        pre_inspected=car.pre_inspected,
        accident=car.accident,
        left_factory_on=car.left_factory_on,
        invoice_kind=car.invoice_kind,
        quota_verified=car.quota_verified,
        refused_on=None if items is None else tuple(_BY_ITEM[each] for each in items),
        banned_until=car.banned_until,
    )


def _condition(condition: gate.Condition, profile: CityProfile, today: date) -> Condition:
    return Condition(
        number=condition.number,
        asks=condition.asks,
        text=say_in_both("services", f"gate.{condition.asks}"),
        state=condition.state.value,
        state_text=say_in_both("services", f"condition.{condition.state}"),
        reason=_reason(condition, profile, today),
    )


def _reason(condition: gate.Condition, profile: CityProfile, today: date) -> dict[str, Any] | None:
    if condition.failed is None:
        return None
    found = condition.failed.found(seen=condition.seen)
    made = cards([found], GROUNDS, today=today, profile=profile, for_staff=True)
    return card(recorded(made[0]))


# For each item of Art. 15 the ground that says it most plainly.
_BY_ITEM: Mapping[int, Ground] = {
    1: GROUNDS["F06-REVERSED"],
    2: GROUNDS["F06-BUYER"],
    3: GROUNDS["F06-VIN"],
    4: GROUNDS["F04-REVOKED"],
    5: GROUNDS["F04-PARAMETER"],
    6: GROUNDS["A07-FAILED"],
    7: GROUNDS["F10-SCRAPPED"],
    8: GROUNDS["F10-SEALED"],
    9: GROUNDS["F10-STOLEN"],
    10: GROUNDS["F10-LOCKED"],
}
