"""Whether this year's vehicle and vessel tax is settled (F09)."""

from collections.abc import Iterator
from datetime import datetime

from chepai.domain.case import Case
from chepai.domain.facts import Agency, Fact, FactKind
from chepai.domain.findings import (
    Finding,
    Outcome,
    Remedy,
    by_code,
    fault_ground,
    judged,
    matched_ground,
    text,
    usual,
    waiting_ground,
    whole,
    word,
)
from chepai.domain.masking import mask_vin
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile

KIND = FactKind.VESSEL_TAX

USUAL = usual(KIND, "VVT-10")
EXEMPT = matched_ground(KIND, "EXEMPT", "VVT-10", "status")
UNPAID = waiting_ground(
    KIND,
    "UNPAID",
    "VVT-10",
    Outcome.MISMATCHED,
    remedy=Remedy.PAY_TAX,
    who_acts=Agency.OWNER,
    field="status",
)
OTHER_YEAR = waiting_ground(
    KIND,
    "YEAR",
    "VVT-10",
    Outcome.MISMATCHED,
    remedy=Remedy.PAY_TAX,
    who_acts=Agency.OWNER,
    field="year",
)
OTHER_VIN = fault_ground(KIND, "VIN", "R164-15-3", "vin")
GROUNDS = by_code(USUAL, (EXEMPT, UNPAID, OTHER_YEAR, OTHER_VIN))


@judged(USUAL, GROUNDS)
def judge(fact: Fact, case: Case, now: datetime, _profile: CityProfile) -> Iterator[Finding]:
    if text(fact, "vin") != case.vin:
        yield OTHER_VIN.found(fact, seen=mask_vin(text(fact, "vin")))
    status = word(fact, "status", "PAID", "EXEMPT", "UNPAID")
    if status == "UNPAID":
        yield UNPAID.found(fact, seen=status)
    elif whole(fact.says, "year") != city_day(now).year:
        yield OTHER_YEAR.found(fact, seen=fact.says["year"])
    elif status == "EXEMPT":
        yield EXEMPT.found(fact, seen=status)
