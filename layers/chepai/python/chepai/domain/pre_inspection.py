"""Whether the maker's pre-inspection stands in for presenting the car (F05)."""

from collections.abc import Iterator
from datetime import datetime

from chepai.domain import gate
from chepai.domain.case import Case
from chepai.domain.facts import Agency, Fact, FactKind
from chepai.domain.findings import (
    Appeal,
    Consequence,
    Finding,
    Ground,
    Limit,
    Outcome,
    Remedy,
    Usual,
    by_code,
    day,
    fault_ground,
    judged,
    text,
    usual,
    waiting_ground,
    word,
    yes,
)
from chepai.domain.masking import mask_vin
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile

KIND = FactKind.PRE_INSPECTION


def _look_at_the_car(name: str, field: str) -> Ground:
    return fault_ground(
        KIND,
        name,
        "R164-14",
        field,
        consequence=Consequence.ON_SITE,
        who_acts=Agency.OWNER,
        remedy=Remedy.BRING_CAR,
        limit=Limit.INSPECTION,
        appeal=Appeal.DISPUTE,
        overrulable=False,
        cured_on_site=True,
    )


def _no_record(name: str, outcome: Outcome) -> Ground:
    return waiting_ground(
        KIND,
        name,
        "R164-14",
        outcome,
        remedy=Remedy.BRING_CAR,
        who_acts=Agency.OWNER,
        consequence=Consequence.ON_SITE,
        limit=Limit.INSPECTION,
        cured_on_site=True,
    )


USUAL = usual(
    KIND,
    "R164-14",
    not_found=_no_record("NOT-FOUND", Outcome.MISSING),
    # A maker that never answers must not hold up the owner: the car can always be looked at.
    silent=_no_record("SILENT", Outcome.UNAVAILABLE),
)
# An inspection that the car passed settles whatever the maker has left open.
USUAL = Usual(*(ground._replace(cured_on_site=True) for ground in USUAL))
OTHER_VIN = _look_at_the_car("VIN", "vin")
FAILED = _look_at_the_car("FAILED", "result")
FUTURE = _look_at_the_car("DATE", "inspected_on")
GROUNDS = by_code(USUAL, (OTHER_VIN, FAILED, FUTURE, gate.MAKER_NOT_CONNECTED, gate.HAD_ACCIDENT))


@judged(USUAL, GROUNDS)
def _judge_record(
    fact: Fact, case: Case, now: datetime, _profile: CityProfile
) -> Iterator[Finding]:
    text(fact, "record_no")
    if text(fact, "vin") != case.vin:
        yield OTHER_VIN.found(fact, seen=mask_vin(text(fact, "vin")))
    if word(fact, "result", "PASSED", "FAILED") == "FAILED":
        yield FAILED.found(fact, seen=fact.says["result"])
    if day(fact, "inspected_on") > city_day(now):
        yield FUTURE.found(fact, seen=fact.says["inspected_on"])
    if yes(fact, "accident"):
        yield gate.HAD_ACCIDENT.found(fact)


def judge(fact: Fact | None, case: Case, *, now: datetime, profile: CityProfile) -> Finding:
    """As every judge; a maker that is not connected cannot be waited for."""
    if not gate.maker_is_connected(case.vin, city_day(now), profile):
        return gate.MAKER_NOT_CONNECTED.found(fact)
    return _judge_record(fact, case, now=now, profile=profile)
