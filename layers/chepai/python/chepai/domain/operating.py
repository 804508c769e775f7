"""What operators may wish of a case, for which reasons, and what takes a second person.

Reminding, resuming and handing over undo themselves or can be done again; a withdrawal by the
office and an override decide something about a person, so one proposes and another one confirms.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from chepai.domain.application import Application
from chepai.domain.chasing import holder_of
from chepai.domain.life_cycle import OWNER, Act, Status, is_open, refusal_of
from chepai.domain.refusals import NotWaitingForThis, OwnAct, Refusal
from chepai.domain.routing import needs_machine
from chepai.domain.supervision import hands_of
from chepai.domain.verification import GROUNDS

LAPSES_AFTER = timedelta(hours=24)
"""How long a proposal waits for a second person; then it is as if nobody had made it."""
REMINDED_ENOUGH = timedelta(minutes=10)
"""Within this nobody is reminded by hand again."""
HANDED_OVER = "HandedOver"
"""Why a case is on a clerk's desk that an operator put there."""


class Wish(StrEnum):
    """What an operator does, or proposes to do, to a case."""

    REMIND = "remind"
    RESUME = "resume"
    HAND_TO_CLERK = "hand_to_clerk"
    WITHDRAW = "withdraw"
    OVERRIDE = "override"


TAKES_TWO = frozenset({Wish.WITHDRAW, Wish.OVERRIDE})

REASONS: Mapping[Wish, tuple[str, ...]] = {
    Wish.REMIND: ("answer_overdue", "owner_asked"),
    Wish.RESUME: ("cause_mended", "partner_back", "looked_into"),
    Wish.HAND_TO_CLERK: ("needs_a_person", "owner_asked", "facts_contradict"),
    Wish.WITHDRAW: ("owner_asked", "filed_twice", "car_returned", "cannot_be_completed"),
    Wish.OVERRIDE: ("seen_on_paper", "confirmed_by_agency", "fault_of_ours"),
}
"""For which reasons each may be done; the owner and the ledger are told the word."""

# A reason is set aside while the machine waits for somebody to put it right; before, nothing is
# weighed, and after it the case has gone on without.
_HELD_UP = frozenset({Status.NEEDS_CORRECTION, Status.AWAITING_SOURCE})


def refusal_to(application: Application, wish: Wish) -> Refusal | None:
    """Why a wish cannot be done to a case now; None when it can."""
    status = Status(application.status)
    stopping = bool(application.ending) and application.ending != application.status
    possible = is_open(status) and not (stopping and wish in TAKES_TWO | {Wish.HAND_TO_CLERK})
    match wish:
        case Wish.WITHDRAW if possible:
            return refusal_of(status, Act.WITHDRAW)
        case Wish.OVERRIDE:
            possible = possible and status in _HELD_UP and bool(overrulable(application.reasons))
        case Wish.RESUME:
            possible = possible and needs_machine(application)
        case Wish.HAND_TO_CLERK:
            possible = possible and not application.stuck_because
        case Wish.REMIND:
            possible = possible and holder_of(application) != OWNER
    if possible:
        return None
    return NotWaitingForThis(status=application.status, act=wish.value, possible="")


def wishes(application: Application) -> list[Wish]:
    """What can be wished of a case now."""
    return [each for each in Wish if refusal_to(application, each) is None]


def overrulable(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """Those of a case's reasons that people may set aside, by their codes."""
    kept = [str(each["code"]) for each in reasons]
    return [code for code in kept if code in GROUNDS and GROUNDS[code].overrulable]


def may_decide(
    who: Iterable[str], proposed_by: str, application: Application, entries: Iterable[Any]
) -> None:
    """Hold a decision to a second person, and a flagged case to one who had no hand in it.

    `who` is everything the second person is known by. Raises OwnAct.
    """
    names = set(who)
    acted = hands_of(entries) if application.flagged else set()
    if names & {proposed_by, application.person_id, *acted}:
        raise OwnAct
