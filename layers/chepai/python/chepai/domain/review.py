"""Who looks at an application before it is approved: the rules alone, or a person as well."""

from collections.abc import Collection
from enum import StrEnum
from hashlib import sha256
from hmac import new as keyed

from chepai.domain.refusals import OwnAct

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


def may_review(reviewer: str, acted: Collection[str]) -> None:
    """Raises OwnAct when the reviewer had a hand in what is reviewed.

    `acted` are all who did: the applicant, who filed it, the inspector, earlier reviewers. So
    a review that the owner asks for is decided by another person than the first one.
    """
    if reviewer in acted:
        raise OwnAct
