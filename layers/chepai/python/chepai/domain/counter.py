"""One-to-one service at a counter: how long a session runs, and what it allows.

The officer operates, the person is there, identified by the police's word on their card, and signs
with their own hand (老年人权益保障法; Barrier-Free Environment Law Arts 32, 35, 40).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chepai.domain.facts import Fact
from chepai.domain.periods import city_day

IDENTIFIED_BY = frozenset({"ID_CHIP", "COUNTER", "NET_ID"})
"""How the police may have looked at who sits there; a face alone is never enough (PIPL Art. 26)."""
ELDER, COUNTER = "elder", "counter"
"""By which way a case was filed at a counter, so that ways can be compared."""


def runs(session: Mapping[str, Any], now: datetime) -> bool:
    """Whether the session is open: nobody closed it and its time is not over."""
    return not session.get("closed_at") and now < datetime.fromisoformat(session["until"])


def ended_at(session: Mapping[str, Any], now: datetime) -> datetime:
    """When the session ended, of itself at the latest; now while it runs."""
    until = datetime.fromisoformat(session["until"])
    closed = session.get("closed_at")
    return min(until, datetime.fromisoformat(closed) if closed else now)


def minutes(session: Mapping[str, Any], now: datetime) -> int:
    """How many minutes it took, begun ones as whole ones."""
    took = ended_at(session, now) - datetime.fromisoformat(session["opened_at"])
    return max(0, -int(-took.total_seconds() // 60))


def is_reading(fact: Fact | None, reading: str, *, now: datetime, seconds: int) -> bool:
    """Whether the police's newest word on a person is that of this reading, just made.

    Who only says that a card was read has no such word, and an old one opens nothing.
    """
    if fact is None or fact.says.get("reference") != reading:
        return False
    fresh = (now - fact.received_at).total_seconds() <= seconds
    good = fact.says.get("result") == "MATCH" and fact.says.get("alive") is not False
    return fresh and good and fact.says.get("method") in IDENTIFIED_BY


def way_of(born: object, now: datetime, elder_age: int) -> str:
    """By which way somebody born in that year comes; who turns old this year counts as old."""
    year = born if isinstance(born, int) else 0
    return ELDER if year and city_day(now).year - year >= elder_age else COUNTER
