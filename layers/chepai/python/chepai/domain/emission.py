"""Whether the model is on the environmental list, where the city asks for it (F19)."""

from collections.abc import Iterator
from datetime import datetime

from chepai.domain.case import Case
from chepai.domain.facts import Agency, Fact, FactKind
from chepai.domain.findings import (
    Finding,
    by_code,
    judged,
    matched_ground,
    refusing_ground,
    text,
    usual,
    yes,
)
from chepai.domain.masking import mask_vin
from chepai.domain.profile import CityProfile

KIND = FactKind.EMISSION

USUAL = usual(KIND, "R164-15-10")
NOT_ASKED = matched_ground(KIND, "NOT-ASKED", "CITY-EMISSION")
NOT_LISTED = refusing_ground(KIND, "NOT-LISTED", "R164-15-10", "listed", who_acts=Agency.MAKER)
OTHER_VIN = refusing_ground(KIND, "VIN", "R164-15-3", "vin", who_acts=Agency.ENVIRONMENT)
GROUNDS = by_code(USUAL, (NOT_ASKED, NOT_LISTED, OTHER_VIN))


@judged(USUAL, GROUNDS)
def _judge_entry(
    fact: Fact, case: Case, _now: datetime, _profile: CityProfile
) -> Iterator[Finding]:
    if text(fact, "vin") != case.vin:
        yield OTHER_VIN.found(fact, seen=mask_vin(text(fact, "vin")))
    if not yes(fact, "listed"):
        yield NOT_LISTED.found(fact)


def judge(fact: Fact | None, case: Case, *, now: datetime, profile: CityProfile) -> Finding:
    """As every judge; a city that does not ask for the list is content without it."""
    if not profile.newcar.emission_check:
        return NOT_ASKED.found()
    return _judge_entry(fact, case, now=now, profile=profile)
