"""How often one person may create, pay, be dealt numbers, look up or guess, by the city's profile.

The person of the token is counted, not the address of the phone: a family shares one. What a
stranger's VIN costs is counted only when it was one, so owners never meet that limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from chepai.edge.clock import now
from chepai.records.cities import Cities
from chepai.records.rates import Rates

HOUR, DAY = 3600, 86_400

LIMITS: Mapping[str, tuple[str, int]] = {
    "create": ("creates_per_hour", HOUR),
    "pay": ("pays_per_hour", HOUR),
    "deal": ("deals_per_hour", HOUR),
    "lookup": ("lookups_per_hour", HOUR),
    "guess": ("guesses_per_day", DAY),
}
"""What is limited: the key in `[security]` of the profile and the seconds it is meant for."""


@dataclass(frozen=True)
class Allowance:
    """One turn, and what the answer says of it (draft-ietf-httpapi-ratelimit-headers)."""

    allowed: bool
    seconds: int
    headers: Mapping[str, str]


def take(limit: str, who: str) -> Allowance:
    """Take one turn of a limit."""
    key, seconds = LIMITS[limit]
    n = int(getattr(_cities().current().security, key))
    turn = _rates().take(who, limit, n=n, seconds=seconds, now=now())
    headers = {
        "ratelimit-policy": f'"{limit}";q={n};w={seconds}',
        "ratelimit": f'"{limit}";r={turn.left};t={turn.seconds}',
    }
    return Allowance(turn.allowed, turn.seconds, headers)


@cache
def _cities() -> Cities:
    return Cities.from_env()


@cache
def _rates() -> Rates:
    return Rates.from_env()
