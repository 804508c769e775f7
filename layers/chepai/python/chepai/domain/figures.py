"""Figures: how long things took, shares, small numbers, and whether channels are treated alike.

A distribution is kept as counts in buckets that grow by a tenth each, so that days and months can
be added up and a median of a year costs no more than that of a day. What is read out of it is
within 5 % of the truth.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

_GROWTH = 1.1
_DURATION = "h"
"""What the attributes of a distribution begin with; the number of the bucket follows."""


def bucket(milliseconds: int) -> str:
    """The attribute in which a duration is counted."""
    if milliseconds <= 1:
        return f"{_DURATION}0"
    return f"{_DURATION}{math.ceil(math.log(milliseconds) / math.log(_GROWTH))}"


def quantile(counts: Mapping[str, int], per_cent: int) -> int | None:
    """The duration in milliseconds that so many per cent did not exceed; None of nothing.

    Counts are those of `bucket`; other attributes of a row are passed over.
    """
    found = sorted(
        (int(name.removeprefix(_DURATION)), n) for name, n in counts.items() if is_bucket(name)
    )
    total = sum(n for _, n in found)
    if total <= 0:
        return None
    rank = max(1, math.ceil(total * per_cent / 100))
    seen = 0
    for nth, n in found:
        seen += n
        if seen >= rank:
            return round(2 * _GROWTH**nth / (1 + _GROWTH)) if nth else 1
    return None


def is_bucket(name: str) -> bool:
    """Whether an attribute counts durations."""
    return name.startswith(_DURATION) and name.removeprefix(_DURATION).isdecimal()


def summed(rows: Iterable[Mapping[str, object]]) -> Counter[str]:
    """All whole numbers of rows, added up by their names."""
    total: Counter[str] = Counter()
    for row in rows:
        for name, value in row.items():
            if isinstance(value, int):
                total[name] += value
    return total


def share(part: int, whole: int) -> float | None:
    """A share between 0 and 1 to four places; None of nothing."""
    return round(part / whole, 4) if whole else None


class Channel(StrEnum):
    """By which way an application came: these are compared with each other."""

    APP = "app"
    COUNTER = "counter"
    ELDER = "elder"
    PROXY = "proxy"


def channel_of(said: str, *, by_agent: bool = False) -> Channel:
    """The channel of a case: whoever comes for another is compared as such, wherever they come.

    What says nothing, or says something older, came by the app.
    """
    if by_agent:
        return Channel.PROXY
    return Channel(said) if said in set(Channel) else Channel.APP


class Verdict(StrEnum):
    """What comparing a channel with the app says."""

    TOO_FEW = "too_few"
    ALIKE = "alike"
    SLOWER = "slower"
    REFUSED_MORE = "refused_more"
    BOTH = "slower_and_refused_more"


class Treated(NamedTuple):
    """How the cases of one channel fared: decided ones, refused ones, and how long they took."""

    closed: int
    refused: int
    median_ms: int | None

    @property
    def decided(self) -> int:
        return self.closed + self.refused


_MUCH_SLOWER = 1.25
_SURE = 1.96
"""Standard deviations: one difference of twenty that is this large is chance."""


def compared(one: Treated, app: Treated, *, at_least: int) -> Verdict:
    """How a channel fares beside the app; nothing is said of fewer than `at_least` decided cases.

    Slower: its median is longer by a quarter. Refused more: the difference of the shares is
    larger than chance explains (two proportions, 95 %).
    """
    if min(one.decided, app.decided) < at_least:
        return Verdict.TOO_FEW
    slower = bool(one.median_ms and app.median_ms and one.median_ms > app.median_ms * _MUCH_SLOWER)
    pooled = (one.refused + app.refused) / (one.decided + app.decided)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / one.decided + 1 / app.decided))
    gap = one.refused / one.decided - app.refused / app.decided
    more = spread > 0 and gap / spread > _SURE
    if slower and more:
        return Verdict.BOTH
    if slower:
        return Verdict.SLOWER
    return Verdict.REFUSED_MORE if more else Verdict.ALIKE
