"""Whether the person is who they say, and alive (F01)."""

from collections.abc import Iterator
from datetime import datetime

from chepai.domain.case import Case
from chepai.domain.facts import Agency, Fact, FactKind
from chepai.domain.findings import (
    Appeal,
    Consequence,
    Finding,
    Limit,
    Remedy,
    by_code,
    fault_ground,
    judged,
    suspicious_ground,
    text,
    usual,
    whole,
    word,
    yes,
)
from chepai.domain.profile import CityProfile

KIND = FactKind.IDENTITY
METHODS = ("FACE", "NET_ID", "ID_CHIP", "COUNTER")
ADULT_AT = 18

USUAL = usual(KIND, "R164-10")
# No match is no accusation: a worn card or a new haircut does it, so another method is offered.
MISMATCH = fault_ground(
    KIND,
    "MISMATCH",
    "R164-15-2",
    "result",
    who_acts=Agency.OWNER,
    remedy=Remedy.IDENTIFY_AGAIN,
    limit=Limit.CORRECTION,
)
OTHER_PERSON = fault_ground(KIND, "ID", "R164-15-2", "id_masked")
OTHER_NAME = fault_ground(KIND, "NAME", "R164-15-2", "name_masked")
NOT_ALIVE = suspicious_ground(KIND, "NOT-ALIVE", "R164-74-2", "alive")
UNDER_AGE = fault_ground(
    KIND,
    "UNDER-AGE",
    "CIVIL-19",
    "born",
    consequence=Consequence.ON_SITE,
    who_acts=Agency.OWNER,
    remedy=Remedy.COME_IN_PERSON,
    limit=Limit.INSPECTION,
    appeal=Appeal.REVIEW,
)
GROUNDS = by_code(USUAL, (MISMATCH, OTHER_PERSON, OTHER_NAME, NOT_ALIVE, UNDER_AGE))


@judged(USUAL, GROUNDS)
def judge(fact: Fact, case: Case, now: datetime, _profile: CityProfile) -> Iterator[Finding]:
    method = word(fact, "method", *METHODS)
    if word(fact, "result", "MATCH", "MISMATCH") == "MISMATCH":
        yield MISMATCH.found(fact, seen=method)
        return
    id_blind, name_blind = text(fact, "id_blind"), text(fact, "name_blind")
    if not yes(fact, "alive"):
        yield NOT_ALIVE.found(fact)
    if case.id_blind not in (None, id_blind):
        yield OTHER_PERSON.found(fact, seen=fact.says.get("id_masked"))
    if case.name_blind not in (None, name_blind):
        yield OTHER_NAME.found(fact, seen=fact.says.get("name_masked"))
    # Only the year is known: whoever may have turned 18 this year counts as adult here. At a
    # counter the clerk has seen the guardian.
    if now.year - whole(fact.says, "born") < ADULT_AT and method != "COUNTER":
        yield UNDER_AGE.found(fact, seen=fact.says.get("born"))
