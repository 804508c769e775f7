"""How many messages one process hears of one partner: a bucket in memory, no write for any.

Counted after the signature is checked, so nobody can use up another's share (docs/decisions/0071).
"""

from dataclasses import dataclass
from time import monotonic

from chepai.domain.refusals import TooManyRequests

PER_SECOND = 100
AT_ONCE = 500


@dataclass
class Bucket:
    """What a partner may still say now."""

    left: float
    at: float


class Flooding:
    """The buckets of one process."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def take(self, partner: str) -> None:
        """Count one message of a partner. Raises TooManyRequests; it may be sent again."""
        at = monotonic()
        bucket = self._buckets.setdefault(partner, Bucket(AT_ONCE, at))
        bucket.left = min(AT_ONCE, bucket.left + (at - bucket.at) * PER_SECOND)
        bucket.at = at
        if bucket.left < 1:
            raise TooManyRequests(seconds=1)
        bucket.left -= 1
