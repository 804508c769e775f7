"""Whether the inspection of the car by a certified inspector lets it be registered (A07).

It stands in for a pre-inspection record and for the roadworthiness test of an older car.
"""

from collections.abc import Iterator
from datetime import datetime

from chepai.domain.case import Case
from chepai.domain.facts import Fact, FactKind
from chepai.domain.findings import (
    Appeal,
    Consequence,
    Finding,
    Limit,
    Outcome,
    Remedy,
    by_code,
    day,
    fault_ground,
    judged,
    refusing_ground,
    suspicious_ground,
    text,
    usual,
    word,
)
from chepai.domain.masking import mask_vin
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile

KIND = FactKind.INSPECTION

USUAL = usual(KIND, "R164-73")
FAILED = refusing_ground(KIND, "FAILED", "R164-15-6", "result", remedy=Remedy.APPLY_AGAIN)
# Another number on the metal than on the papers is what Art. 74 means by an altered car.
OTHER_VIN = suspicious_ground(KIND, "VIN", "R164-74-1", "vin")
NO_RECORDING = fault_ground(
    KIND,
    "RECORDING",
    "R164-73",
    "recording_no",
    consequence=Consequence.ON_SITE,
    remedy=Remedy.BRING_CAR,
    limit=Limit.INSPECTION,
    appeal=Appeal.REVIEW,
    overrulable=False,
)
FUTURE = fault_ground(
    KIND,
    "DATE",
    "R164-73",
    "inspected_on",
    consequence=Consequence.ON_SITE,
    limit=Limit.INSPECTION,
    overrulable=False,
)
GROUNDS = by_code(USUAL, (FAILED, OTHER_VIN, NO_RECORDING, FUTURE))


@judged(USUAL, GROUNDS)
def judge(fact: Fact, case: Case, now: datetime, _profile: CityProfile) -> Iterator[Finding]:
    text(fact, "inspector")
    recording = fact.says.get("recording_no")
    if not (recording and isinstance(recording, str)):
        yield NO_RECORDING.found(fact)
    if text(fact, "vin") != case.vin:
        yield OTHER_VIN.found(fact, seen=mask_vin(text(fact, "vin")))
    if word(fact, "result", "PASSED", "FAILED") == "FAILED":
        yield FAILED.found(fact, seen=fact.says["result"])
    if day(fact, "inspected_on") > city_day(now):
        yield FUTURE.found(fact, seen=fact.says["inspected_on"])


def has_passed(case: Case, *, now: datetime, profile: CityProfile) -> bool:
    """Whether the car was looked at and passed, with a recording."""
    found = judge(case.inspection, case, now=now, profile=profile)
    return found.outcome is Outcome.MATCHED
