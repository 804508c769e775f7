"""Whether a lender has to agree to the act, and has (F14)."""

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
    refusing_ground,
    text,
    usual,
    waiting_ground,
    yes,
)
from chepai.domain.masking import mask_vin
from chepai.domain.profile import CityProfile
from chepai.domain.services import NEW_CAR

KIND = FactKind.MORTGAGE

USUAL = usual(KIND, "R164-32")
# A mortgage begins with its entry in the register (R164 Art. 31): a car that was never
# registered has none unless a lender says so, and there is no lender to ask.
NONE_KNOWN = matched_ground(KIND, "NONE-KNOWN", "R164-31")
COSIGNED = matched_ground(KIND, "COSIGNED", "R164-32", "cosigned_application")
COSIGN = waiting_ground(
    KIND,
    "COSIGN",
    "R164-32",
    Outcome.MISMATCHED,
    remedy=Remedy.ASK_LENDER,
    field="active",
)
LENDER_REFUSED = refusing_ground(
    KIND,
    "LENDER-REFUSED",
    "R164-32",
    "cosigned_application",
    who_acts=Agency.LENDER,
    remedy=Remedy.ASK_LENDER,
    overrulable=False,
)
OTHER_VIN = fault_ground(KIND, "VIN", "R164-15-3", "vin")
GROUNDS = by_code(USUAL, (NONE_KNOWN, COSIGNED, COSIGN, LENDER_REFUSED, OTHER_VIN))


@judged(USUAL, GROUNDS)
def _judge_entry(
    fact: Fact, case: Case, _now: datetime, _profile: CityProfile
) -> Iterator[Finding]:
    if text(fact, "vin") != case.vin:
        yield OTHER_VIN.found(fact, seen=mask_vin(text(fact, "vin")))
    if not yes(fact, "active"):
        return
    lender = text(fact, "lender")
    answer = _answer_of(lender, case)
    if answer == "REFUSED":
        yield LENDER_REFUSED.found(fact, seen=lender)
    elif answer == "SIGNED" or fact.says.get("cosigned_application") == case.application_id:
        yield COSIGNED.found(fact, seen=lender)
    else:
        yield COSIGN.found(fact, seen=lender)


def _answer_of(lender: str, case: Case) -> object:
    # Only the lender that holds the mortgage can agree to anything about it.
    said = case.cosignature.says if case.cosignature else {}
    return said.get("result") if said.get("lender") == lender else None


def judge(fact: Fact | None, case: Case, *, now: datetime, profile: CityProfile) -> Finding:
    """As every judge; before a first registration, silence of all lenders means no mortgage."""
    if fact is None and case.service == NEW_CAR:
        return NONE_KNOWN.found()
    return _judge_entry(fact, case, now=now, profile=profile)
