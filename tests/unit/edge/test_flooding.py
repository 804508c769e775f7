"""A partner that floods one process is held to its rate, and no other partner with it."""

import pytest

from chepai.domain.refusals import TooManyRequests
from chepai.edge import flooding
from chepai.edge.flooding import AT_ONCE, PER_SECOND, Flooding


def told(buckets: Flooding, partner: str, times: int) -> int:
    """How many of so many messages are heard."""
    heard = 0
    for _ in range(times):
        try:
            buckets.take(partner)
            heard += 1
        except TooManyRequests:
            continue
    return heard


@pytest.mark.parametrize("seconds", [0.5, 1, 3600])
def test_a_bucket_empties_and_fills_again(monkeypatch, seconds):
    at = [100.0]
    monkeypatch.setattr(flooding, "monotonic", lambda: at[0])
    buckets = Flooding()
    assert told(buckets, "tax", AT_ONCE + 50) == AT_ONCE
    assert told(buckets, "ems", 1) == 1
    at[0] += seconds
    assert told(buckets, "tax", 2 * AT_ONCE) == min(AT_ONCE, int(seconds * PER_SECOND))
