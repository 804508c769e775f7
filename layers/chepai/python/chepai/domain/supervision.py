"""What the supervision centre finds, who answers for it, and what follows (R164 Arts 67, 83).

A finding names one party, which answers; another supervisor than the one who made it decides.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from chepai.domain.attribution import OPERATOR, of_fact, responsible_for
from chepai.domain.facts import FactKind
from chepai.domain.findings import Ground
from chepai.domain.ledger import SYSTEM
from chepai.domain.life_cycle import STAGES, Phase, Status


class Origin(StrEnum):
    """What led to a finding."""

    RECHECK = "recheck"
    ALARM = "alarm"
    REPORT = "report"
    RECONCILIATION = "reconciliation"


class State(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    ANSWERED = "answered"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Alarm(StrEnum):
    """Repetition that is unusual (R164 Art. 74 (5)); the limits are the city's."""

    CAR_REISSUED = "car_reissued"
    OWNER_REISSUED = "owner_reissued"
    ONE_AGENT = "one_agent"
    ONE_DEVICE = "one_device"
    ONE_DECIDER = "one_decider"


class Way(StrEnum):
    """What reversing a decision means for the case, by how far it is."""

    SEND_BACK = "send_back"
    """Still open: a reviewer sees it before anything else is decided."""
    LOOK_AGAIN = "look_again"
    """Refused: a reviewer looks again, as if the owner had asked."""
    LEGAL_ACT = "legal_act"
    """Registered: it stands until a legal act of its own undoes or mends it."""
    NOTHING = "nothing"
    """Ended by its owner: there is no decision to reverse."""


SYSTEM_FAULT = "SYSTEM"
"""What a finding is about when no fact and no person was wrong."""

_TOO_LATE = frozenset({Status.APPROVED, Status.REGISTERING})
_REFUSED = frozenset({Status.REJECTED, Status.NOT_ACCEPTED})

LEGAL_ACTS: Mapping[str, str] = {
    "applicant": "revoke_registration",
    "officer": "revoke_approval",
    "plate_maker": "remake_plates",
    "print_room": "reprint_papers",
    "courier": "trace_or_remake",
    "treasury": "settle_fee",
    "message_gateway": "notify_again",
}
"""The act that is needed after registration, by who was wrong; all others correct the record."""
CORRECT_RECORD = "correct_record"


def way_of(status: Status) -> Way:
    """What a reversal means for a case that stands there."""
    if status in _REFUSED:
        return Way.LOOK_AGAIN
    phase = STAGES[status].phase
    if phase is Phase.BEFORE_REGISTRATION and status not in _TOO_LATE:
        return Way.SEND_BACK
    ended_by_owner = status in (Status.WITHDRAWN, Status.EXPIRED)
    return Way.NOTHING if ended_by_owner else Way.LEGAL_ACT


def legal_act_of(party: str) -> str:
    """The legal act by which what this party got wrong is put right after registration."""
    return LEGAL_ACTS.get(party, CORRECT_RECORD)


def party_of(about: str, ground: Ground | None) -> str:
    """Who answers for what is wrong: by its reason where one is given, else by its kind."""
    named = responsible_for(ground) if ground else None
    return named or (OPERATOR if about == SYSTEM_FAULT else of_fact(FactKind(about)))


def hands_of(entries: Iterable[Mapping[str, Any]]) -> set[str]:
    """Everybody who had a hand in a case by its ledger: who acted, and on whose behalf."""
    hands: set[str] = set()
    for entry in entries:
        actor = entry["actor"]
        if actor.get("role") != SYSTEM:
            hands.add(str(actor.get("id", "")))
        hands.add(str(actor.get("for", "")))
    return hands - {""}


def window_of(today: date, days: int) -> int:
    """The number of the window that a day lies in: one alarm of a kind for each."""
    return today.toordinal() // days
