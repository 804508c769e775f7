"""Whether a compulsory policy covers the car, or will from the day it starts (F08)."""

from collections.abc import Iterator
from datetime import datetime

from chepai.domain import policy_number
from chepai.domain.case import Case
from chepai.domain.facts import Agency, Fact, FactKind
from chepai.domain.findings import (
    Finding,
    Ground,
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
    word,
)
from chepai.domain.masking import mask_vin
from chepai.domain.people_compared import compare
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile

KIND = FactKind.COMPULSORY_INSURANCE


def _owner_buys(name: str, field: str) -> Ground:
    return waiting_ground(
        KIND,
        name,
        "CTPL-4",
        Outcome.MISMATCHED,
        remedy=Remedy.BUY_POLICY,
        who_acts=Agency.OWNER,
        field=field,
    )


USUAL = usual(KIND, "CTPL-4")
# No policy, no registration (CTPL Art. 4); one that is bound and starts later will do.
BOUND = matched_ground(KIND, "BOUND", "CTPL-4", "starts_on")
CANCELLED = _owner_buys("CANCELLED", "status")
ENDED = _owner_buys("ENDED", "ends_on")
OTHER_VIN = fault_ground(KIND, "VIN", "R164-15-3", "vin")
INSURED = fault_ground(KIND, "INSURED", "R164-15-3", "insured")
DATES = fault_ground(KIND, "DATE", "R164-15-1", "starts_on")
NUMBER = fault_ground(KIND, "NUMBER", "R164-15-1", "policy_no")
NO_IDENTITY = waiting_ground(
    KIND, "NO-IDENTITY", "R164-15-3", Outcome.MISSING, who_acts=Agency.POLICE
)
GROUNDS = by_code(USUAL, (BOUND, CANCELLED, ENDED, OTHER_VIN, INSURED, DATES, NUMBER, NO_IDENTITY))


@judged(USUAL, GROUNDS)
def judge(fact: Fact, case: Case, now: datetime, _profile: CityProfile) -> Iterator[Finding]:
    text(fact, "insurer")
    if text(fact, "vin") != case.vin:
        yield OTHER_VIN.found(fact, seen=mask_vin(text(fact, "vin")))
    yield from compare(fact, case, "insured", differs=INSURED, unknown=NO_IDENTITY)
    if policy_number.why_invalid(text(fact, "policy_no")) is not None:
        yield NUMBER.found(fact, seen=fact.says["policy_no"])
    status = word(fact, "status", "IN_FORCE", "BOUND", "CANCELLED")
    starts, ends, today = day(fact, "starts_on"), day(fact, "ends_on"), city_day(now)
    if status == "CANCELLED":
        yield CANCELLED.found(fact, seen=status)
    elif starts > ends:
        yield DATES.found(fact, seen=starts)
    elif ends < today:
        yield ENDED.found(fact, seen=ends)
    elif starts > today:
        yield BOUND.found(fact, seen=starts)
