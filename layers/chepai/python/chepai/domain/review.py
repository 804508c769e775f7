"""Who looks at an application before it is approved: the rules alone, or a person as well."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from hashlib import sha256
from hmac import new as keyed
from typing import Any

from chepai.domain.application import Application
from chepai.domain.refusals import OwnAct

APPROVED, REFUSED = "approved", "refused"
_UNDER_REVIEW = "reviewing"
_WHOLE = 10_000
"""Basis points in one."""


class Path(StrEnum):
    """How an application is reviewed."""

    AUTOMATIC = "automatic"
    SAMPLED = "sampled"
    FLAGGED = "flagged"
    MANUAL = "manual"


def path_of(
    application_id: str, *, secret: bytes, sample_basis_points: int, automatic: bool, flagged: bool
) -> Path:
    """How this application is reviewed.

    The draw is the keyed hash of the identifier: anyone with the key can repeat it, nobody
    without it can pick an identifier that slips through. A rate of 10 000 samples all.
    """
    if flagged:
        return Path.FLAGGED
    if not automatic:
        return Path.MANUAL
    drawn = int.from_bytes(keyed(secret, application_id.encode(), sha256).digest()[:8], "big")
    return Path.SAMPLED if drawn * _WHOLE < sample_basis_points << 64 else Path.AUTOMATIC


def may_review(reviewer: Collection[str], acted: Collection[str]) -> None:
    """Raises OwnAct when the reviewer, by any name, had a hand in what is reviewed.

    `acted` are all who did: the applicant, who filed it, the inspector, earlier reviewers. So
    a review that the owner asks for is decided by another person than the first one.
    """
    if set(reviewer) & set(acted):
        raise OwnAct


def asked(review: Mapping[str, Any], *, at: str) -> dict[str, Any]:
    """A review that the owner asks for.

    `at` is the moment at which the case becomes one under review, so that the mark is void once
    the case has moved on.
    """
    return {**review, "asked_at": at}


def is_asked(application: Application) -> bool:
    """Whether the case is under review because its owner asked, not because its machine did."""
    under_review = application.status == _UNDER_REVIEW
    return under_review and application.review.get("asked_at") == application.since


def decided(
    review: Mapping[str, Any], decision: str, *, by: str, at: str, overruled: Iterable[str] = ()
) -> dict[str, Any]:
    """The review after a person's decision, with the reasons that it sets aside."""
    kept = sorted({*review.get("overruled", ()), *overruled})
    return {**review, "by": by, "at": at, "decision": decision, "overruled": kept}


def answered(review: Mapping[str, Any]) -> dict[str, Any]:
    """What the owner asked for is decided: reversals, and refusals upheld, are counted."""
    word = "reversed" if review["decision"] == APPROVED else "upheld"
    past = {name: review[name] for name in ("asked_at", "by", "at")} | {"outcome": word}
    count = int(review.get(word, 0)) + 1
    return {**review, "past": [*review.get("past", ()), past], word: count}


def claimed(review: Mapping[str, Any], *, by: str, until: str) -> dict[str, Any]:
    """The review while somebody works on it: until then it is nobody else's."""
    return {**review, "claim": {"by": by, "until": until}}


def is_anothers(review: Mapping[str, Any], who: str, *, at: str) -> bool:
    """Whether a colleague works on it; a claim that is over has gone back to everybody."""
    claim = review.get("claim", {})
    return bool(claim) and claim["by"] != who and str(claim["until"]) > at


def unclaimed(review: Mapping[str, Any]) -> dict[str, Any]:
    """The review without a claim: it is decided."""
    return {name: value for name, value in review.items() if name != "claim"}
