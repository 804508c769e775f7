"""Which decided cases are looked at again (R164 Art. 67), drawn so that anyone can check it.

Before a period begins its seed is bound by its hash; what was decided in it is in the sealed
ledger; and the beacon is a root of that ledger which came to be when the period was over. So
nobody chooses the seed for the cases, nor the cases for the seed. All of this is pure: with the
published draw in hand a stranger repeats it (`tools/verify_rechecks.py` does without this code).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import new as keyed
from typing import Any, NamedTuple

from chepai.domain.periods import CITY_TIME
from chepai.domain.tracing import Noted


class Stratum(StrEnum):
    """The kinds of decided case, the one that is looked at most closely first."""

    OVERRIDE = "override"
    CONCERN = "concern"
    REISSUED = "reissued"
    REFUSED = "refused"
    REGISTERED = "registered"


WHOLE = frozenset({Stratum.OVERRIDE, Stratum.CONCERN})
"""Strata of which every case is looked at: decided against the rules, or already in doubt."""
_ORDER = {stratum: place for place, stratum in enumerate(Stratum)}
_OF: Mapping[str, Stratum] = {
    Noted.OVERRIDE: Stratum.OVERRIDE,
    Noted.CONCERN: Stratum.CONCERN,
    Noted.REISSUED: Stratum.REISSUED,
    Noted.REFUSED: Stratum.REFUSED,
    Noted.REGISTERED: Stratum.REGISTERED,
}
_BASIS = 10_000
_FIRST_MONDAY = datetime(1970, 1, 5, tzinfo=CITY_TIME)


class Period(NamedTuple):
    """One stretch of time that is drawn from: from `first` on and before `end`, both aware."""

    name: str
    first: datetime
    end: datetime


class Drawn(NamedTuple):
    """One case that a draw hit."""

    application_id: str
    stratum: Stratum


def period_at(moment: datetime, minutes: int) -> Period:
    """The period that a moment lies in; periods are counted from a Monday in the city's time."""
    length = timedelta(minutes=minutes)
    first = _FIRST_MONDAY + (moment - _FIRST_MONDAY) // length * length
    return Period(first.strftime("%Y%m%d-%H%M"), first, first + length)


def commitment(seed: str) -> str:
    """What binds a seed (hex) before the period: its SHA-256, in hex."""
    return sha256(bytes.fromhex(seed)).hexdigest()


def strata(noted: Mapping[str, set[str]]) -> dict[str, Stratum]:
    """Each decided case with its stratum, from what was noted of it; other notes decide nothing."""
    found: dict[str, Stratum] = {}
    for application_id, words in noted.items():
        kinds = [_OF[word] for word in words if word in _OF]
        if kinds:
            found[application_id] = min(kinds, key=_ORDER.__getitem__)
    return found


def digest_of(population: Mapping[str, str]) -> str:
    """SHA-256 over all cases with their strata, a line each, in order of their identifiers."""
    lines = "".join(f"{case} {population[case]}\n" for case in sorted(population))
    return sha256(lines.encode()).hexdigest()


def draw(
    population: Mapping[str, str],
    quota: Mapping[str, int],
    *,
    at_least: int,
    seed: str,
    beacon: str,
    period: str,
) -> tuple[Drawn, ...]:
    """The cases to look at again, in the order of the draw within each stratum.

    `quota` has the share of 10 000 of each sampled stratum; of each at least `at_least` are
    drawn, if there are so many. The whole strata are drawn to the last case.
    """
    key = sha256(bytes.fromhex(seed) + beacon.encode()).digest()
    hit: list[Drawn] = []
    for stratum in Stratum:
        cases = [case for case, of in population.items() if of == stratum]
        cases.sort(key=lambda case: keyed(key, f"{period}|{case}".encode(), sha256).digest())
        share = -(-len(cases) * quota.get(stratum, 0) // _BASIS)
        count = len(cases) if stratum in WHOLE else max(at_least, share)
        hit += [Drawn(case, stratum) for case in cases[:count]]
    return tuple(hit)


def faults(published: Mapping[str, Any]) -> list[str]:
    """What is wrong with a published draw; nothing when it is as it must be."""
    population = {str(case): str(of) for case, of in published["population"].items()}
    found: list[str] = []
    if commitment(published["seed"]) != published["commitment"]:
        found.append("the seed is not the one that was bound")
    if digest_of(population) != published["population_digest"]:
        found.append("the population is not the one that was drawn from")
    again = draw(
        population,
        published["quota"],
        at_least=int(published["at_least"]),
        seed=published["seed"],
        beacon=published["beacon"],
        period=published["period"],
    )
    told = {str(each["application_id"]) for each in published["cases"]}
    hit = {each.application_id for each in again}
    found += [f"{case} was drawn and is not in the list" for case in sorted(hit - told)]
    found += [f"{case} is in the list and was not drawn" for case in sorted(told - hit)]
    return found
