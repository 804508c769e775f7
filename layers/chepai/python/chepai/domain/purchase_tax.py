"""Whether the purchase tax on the car is settled (F07)."""

from collections.abc import Iterator
from datetime import datetime

from chepai.domain.case import Case
from chepai.domain.facts import Agency, Fact, FactKind
from chepai.domain.findings import (
    Finding,
    Outcome,
    Remedy,
    by_code,
    day,
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
from chepai.domain.people_compared import compare
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile

KIND = FactKind.PURCHASE_TAX

USUAL = usual(KIND, "VPT-13")
EXEMPT = matched_ground(KIND, "EXEMPT", "VPT-13", "status")
REDUCED = matched_ground(KIND, "REDUCED", "VPT-13", "status")
# Declared today is in the feed tomorrow: the owner pays if not done yet, and nobody is blamed.
UNPAID = waiting_ground(
    KIND,
    "UNPAID",
    "VPT-13",
    Outcome.MISMATCHED,
    remedy=Remedy.PAY_TAX,
    who_acts=Agency.OWNER,
    field="status",
)
OTHER_VIN = fault_ground(KIND, "VIN", "R164-15-3", "vin")
TAXPAYER = fault_ground(KIND, "TAXPAYER", "R164-15-3", "taxpayer")
# A receipt from tomorrow is the source's clock, not a payment.
FUTURE = fault_ground(KIND, "DATE", "R164-15-1", "paid_on")
AMOUNT = fault_ground(KIND, "AMOUNT", "R164-15-1", "amount_fen")
NO_IDENTITY = waiting_ground(
    KIND, "NO-IDENTITY", "R164-15-3", Outcome.MISSING, who_acts=Agency.POLICE
)
GROUNDS = by_code(
    USUAL, (EXEMPT, REDUCED, UNPAID, OTHER_VIN, TAXPAYER, FUTURE, AMOUNT, NO_IDENTITY)
)


@judged(USUAL, GROUNDS)
def judge(fact: Fact, case: Case, now: datetime, _profile: CityProfile) -> Iterator[Finding]:
    if text(fact, "vin") != case.vin:
        yield OTHER_VIN.found(fact, seen=mask_vin(text(fact, "vin")))
    status = word(fact, "status", "PAID", "EXEMPT", "REDUCED", "UNPAID")
    if status == "UNPAID":
        yield UNPAID.found(fact, seen=status)
        return
    yield from compare(fact, case, "taxpayer", differs=TAXPAYER, unknown=NO_IDENTITY)
    if status == "EXEMPT":
        yield EXEMPT.found(fact, seen=status)
        return
    if day(fact, "paid_on") > city_day(now):
        yield FUTURE.found(fact, seen=fact.says["paid_on"])
    if whole(fact.says, "amount_fen") <= 0:
        yield AMOUNT.found(fact, seen=fact.says["amount_fen"])
    if status == "REDUCED":
        yield REDUCED.found(fact, seen=status)
