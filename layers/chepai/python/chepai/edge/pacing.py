"""How many numbers an offer takes while a segment is crowded, by what its last deals have shown.

Until a lane is through no two offers meet and nothing is held back. From then on each deal shows
how fast offers follow one another and how many numbers are still free. That is kept in the
process alone: a fresh one takes one full block and knows, and no offer costs a read for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chepai.domain import pool


@dataclass(frozen=True)
class Seen:
    """What a segment's last deals have shown: its offers a second and its share of free numbers."""

    at: datetime
    offers_per_second: float
    free: float


@dataclass(frozen=True)
class Pacing:
    """What this process has seen of each segment."""

    seen: dict[str, Seen] = field(default_factory=dict)

    def block(
        self, segment: pool.Segment, wanted: int, *, at: datetime, hold_seconds: float
    ) -> int:
        """How many numbers an offer takes, so that it stays apart from others for its time."""
        lately = self.seen.get(segment.segment_id)
        if lately is None or (at - lately.at).total_seconds() > hold_seconds:
            return wanted
        return pool.batch_size(
            wanted,
            free=int(segment.size * lately.free),
            offers_per_second=lately.offers_per_second,
            hold_seconds=hold_seconds,
        )

    def note(
        self,
        segment: pool.Segment,
        times: Sequence[float],
        free: float,
        *,
        at: datetime,
        hold_seconds: float,
    ) -> None:
        """Keep what a deal has shown: its counter's last offers, the share of free numbers."""
        of_counter = offers_per_second(times, at.timestamp(), hold_seconds)
        earlier = self.seen.get(segment.segment_id)
        smoothed = free if earlier is None else (earlier.free + free) / 2
        self.seen[segment.segment_id] = Seen(at, of_counter * pool.lanes(segment.size), smoothed)


def offers_per_second(times: Sequence[float], now: float, hold_seconds: float) -> float:
    """The pace of a counter from the seconds at which its last offers were dealt, 0 for none.

    Fewer than there could be within the time of an offer are counted as they are; when all of
    them lie within it, their own distance tells.
    """
    recent = [each for each in times if each and now - each < hold_seconds]
    if len(recent) < len(times):
        return len(recent) / hold_seconds
    return len(recent) / max(1.0, now - min(recent)) if recent else 0.0
