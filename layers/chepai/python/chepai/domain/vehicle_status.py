"""Whether anything known of the vehicle forbids the act: stolen, sealed, suspect … (F10).

A vehicle carries a set of flags. Silence about them never lets a case go on.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from chepai.domain.case import Case
from chepai.domain.facts import Agency, Fact, FactKind
from chepai.domain.findings import (
    Finding,
    Ground,
    Remedy,
    UnreadableFactError,
    by_code,
    fault_ground,
    judged,
    refusing_ground,
    suspicious_ground,
    text,
    usual,
)
from chepai.domain.masking import mask_vin
from chepai.domain.profile import CityProfile
from chepai.domain.services import NEW_CAR

KIND = FactKind.VEHICLE_STATUS
ALL_FLAGS = frozenset("ABCDEGHIJKLMNOPQ")


def _forbidden(name: str, rule: str) -> Ground:
    # Set aside only by whoever set the flag, never by a reviewer of ours.
    return refusing_ground(KIND, name, rule, "flags", remedy=Remedy.CLEAR_STATUS, overrulable=False)


USUAL = usual(KIND, "R164-15-9")
OTHER_VIN = fault_ground(KIND, "VIN", "R164-15-3", "vin", who_acts=Agency.POLICE)
STOLEN = _forbidden("STOLEN", "R164-15-9")
SEALED = _forbidden("SEALED", "R164-15-8")
SEIZED = _forbidden("SEIZED", "R164-15-8")
LOCKED = _forbidden("LOCKED", "R164-15-10")
SCRAPPED = _forbidden("SCRAPPED", "R164-15-7")
REGISTERED = _forbidden("REGISTERED", "R164-15-10")
DEREGISTERED = _forbidden("DEREGISTERED", "R164-15-10")
SUSPECT = suspicious_ground(KIND, "SUSPECT", "R164-74-1", "flags")
ESCAPED = suspicious_ground(KIND, "ESCAPED", "R164-74-6", "flags")
CUSTOMS = suspicious_ground(KIND, "CUSTOMS", "R164-74-1", "flags")

# D out of use, G unhandled violation, I unhandled accident and Q overdue test bind later acts,
# not this one: Art. 15 does not name them.
_ALWAYS: Mapping[str, Ground] = {
    "C": STOLEN,
    "K": SEALED,
    "L": SEIZED,
    "O": LOCKED,
    "M": SCRAPPED,
    "P": SCRAPPED,
    "J": SUSPECT,
    "N": ESCAPED,
    # An unhandled customs case on a home-made car means that car and papers do not belong together.
    "H": CUSTOMS,
}
FORBIDS_FIRST_REGISTRATION: Mapping[str, Ground] = {
    **_ALWAYS,
    "B": REGISTERED,
    "E": DEREGISTERED,
}
FORBIDS_REISSUE: Mapping[str, Ground] = {
    **{flag: ground for flag, ground in _ALWAYS.items() if flag != "H"},
    "B": REGISTERED,
    "E": DEREGISTERED,
}
GROUNDS = by_code(
    USUAL,
    (OTHER_VIN, STOLEN, SEALED, SEIZED, LOCKED, SCRAPPED, REGISTERED, DEREGISTERED),
    (SUSPECT, ESCAPED, CUSTOMS),
)


def flags_of(fact: Fact) -> frozenset[str]:
    """The flags said. Raises UnreadableFactError when there is none, or one the law does not know.

    A normal vehicle is said to be normal (A); an empty set is an answer that was lost.
    """
    said = fact.says.get("flags")
    if isinstance(said, str) or not isinstance(said, Iterable):
        raise UnreadableFactError("flags")
    flags = frozenset(str(flag) for flag in said)
    if not flags or not flags <= ALL_FLAGS:
        raise UnreadableFactError("flags")
    return flags


@judged(USUAL, GROUNDS)
def judge(fact: Fact, case: Case, _now: datetime, _profile: CityProfile) -> Iterator[Finding]:
    flags = flags_of(fact)
    if text(fact, "vin") != case.vin:
        yield OTHER_VIN.found(fact, seen=mask_vin(text(fact, "vin")))
    table = FORBIDS_FIRST_REGISTRATION if case.service == NEW_CAR else FORBIDS_REISSUE
    for ground in dict.fromkeys(table[flag] for flag in sorted(flags) if flag in table):
        yield ground.found(fact, seen="".join(sorted(flags)))
