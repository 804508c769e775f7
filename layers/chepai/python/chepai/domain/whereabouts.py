"""Where a case is: in one queue, with an owner, a reason and a next step; and when it is not.

Pure, over the case alone, so that the sweeper, the operator's check and a clerk's desk agree.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from chepai.domain import chasing, legal_clock
from chepai.domain.application import Application
from chepai.domain.facts import Agency
from chepai.domain.life_cycle import CLERK, HOLDERS, OWNER, Status, is_open, queue_of
from chepai.domain.periods import city_day
from chepai.domain.routing import where_it_stands
from chepai.domain.services import SERVICES


class Whereabouts(NamedTuple):
    """Who has to do what, and why: `queue` is the holder, `owner` who acts, in words of ours."""

    queue: str
    owner: str
    reason: str
    next_step: str


class Lost(StrEnum):
    """Why a case is not where it should be."""

    UNKNOWN_STATUS = "unknown_status"
    UNKNOWN_SERVICE = "unknown_service"
    NO_QUEUE = "no_queue"
    WRONG_QUEUE = "wrong_queue"
    ENDED_IN_QUEUE = "ended_in_queue"
    NO_NEXT_LOOK = "no_next_look"
    NO_REASON = "no_reason"
    UNANNOUNCED_DELAY = "unannounced_delay"


UNREADABLE = frozenset({Lost.UNKNOWN_STATUS, Lost.UNKNOWN_SERVICE})
"""Faults that no rule can mend: only a person can say what the case is."""


def whereabouts(application: Application) -> Whereabouts | None:
    """Where an open case is; None for one that has ended. Whatever fits no rule is a clerk's."""
    if Lost.UNKNOWN_STATUS in (found := lost(application)) or Lost.UNKNOWN_SERVICE in found:
        return Whereabouts(CLERK, CLERK, found[0].value, "look_at_it")
    if not is_open(Status(application.status)):
        return None
    holder = right_holder(application)
    reasons = [str(card["code"]) for card in application.reasons]
    reason = application.stuck_because or application.ending or " ".join(reasons)
    step = "look_at_it" if application.stuck_because else where_it_stands(application)
    return Whereabouts(holder, holder, reason or application.status, step)


def right_holder(application: Application) -> str:
    """The one queue in which an open case belongs."""
    holder = queue_of(
        Status(application.status),
        agency=whose_turn(application.reasons),
        booked=bool(application.appointment),
        stuck=bool(application.stuck_because),
        because=application.stuck_because,
    )
    return holder or ""


def whose_turn(reasons: list[Mapping[str, str]]) -> Agency | None:
    """The one agency that has to act on everything that holds a case up; None for several."""
    agencies = {Agency(card["who_must_act"]) for card in reasons}
    return agencies.pop() if len(agencies) == 1 else None


def lost(application: Application) -> tuple[Lost, ...]:
    """What is wrong with where a case is; nothing for one that is in exactly one queue."""
    found: list[Lost] = []
    if application.status not in set(Status):
        found.append(Lost.UNKNOWN_STATUS)
    if application.service not in SERVICES:
        found.append(Lost.UNKNOWN_SERVICE)
    if found:
        return tuple(found)
    holder = application.queue_shard.rpartition("#")[0]
    if not is_open(Status(application.status)):
        return (Lost.ENDED_IN_QUEUE,) if holder else ()
    if not holder:
        return (Lost.NO_QUEUE,)
    if holder not in HOLDERS or holder != right_holder(application):
        on_a_desk = holder == CLERK and not application.stuck_because
        found.append(Lost.NO_REASON if on_a_desk else Lost.WRONG_QUEUE)
    if not application.due_at:
        found.append(Lost.NO_NEXT_LOOK)
    return tuple(found)


def is_late(application: Application, now: datetime) -> bool:
    """Whether a case is past its last day and nobody has told its owner a new one (I14).

    A case with a named new day, or that waits for its owner, is late for nobody.
    """
    if application.status not in set(Status) or not is_open(Status(application.status)):
        return False
    if not legal_clock.runs(application) or not application.legal_end:
        return False
    if legal_clock.paused(application) or chasing.holder_of(application) == OWNER:
        return False
    said: Mapping[str, str] = application.clock.get("expected", {})
    last = max(application.legal_end, said.get("on", ""))
    return city_day(now) > date.fromisoformat(last)
