"""Figures: quantiles within what they promise, shares of nothing, channels compared or not."""

import random
from collections import Counter

import pytest

from chepai.domain.figures import (
    Channel,
    Treated,
    Verdict,
    bucket,
    channel_of,
    compared,
    quantile,
    share,
    summed,
)


@pytest.mark.parametrize("per_cent", [1, 50, 95, 100])
@pytest.mark.parametrize("scale", [3, 900, 86_400_000])
def test_a_quantile_is_within_five_per_cent(per_cent: int, scale: int):
    drawn = random.Random(scale)
    took = sorted(round(drawn.lognormvariate(0, 1.5) * scale) + 2 for _ in range(4_001))
    counts = Counter(bucket(each) for each in took)
    truth = took[max(1, -(-len(took) * per_cent // 100)) - 1]
    assert quantile(counts, per_cent) == pytest.approx(truth, rel=0.05, abs=3)


def test_distributions_are_added_up_and_nothing_has_no_median():
    first, second = Counter({bucket(10): 3, "asked": 3}), Counter({bucket(1_000): 5, "asked": 5})
    both = summed([first, second, {"item": "no number"}])
    assert both["asked"] == 8
    assert quantile(both, 50) == quantile(second, 50)
    assert quantile(Counter({"asked": 8, "handled": 2}), 50) is None
    assert share(0, 0) is None
    assert share(1, 3) == 0.3333


@pytest.mark.parametrize(
    ("said", "by_agent", "channel"),
    [
        ("", False, Channel.APP),
        ("phone", False, Channel.APP),
        ("elder", False, Channel.ELDER),
        ("counter", False, Channel.COUNTER),
        ("counter", True, Channel.PROXY),
        ("", True, Channel.PROXY),
    ],
)
def test_a_case_has_one_channel(said: str, by_agent: bool, channel: Channel):
    assert channel_of(said, by_agent=by_agent) is channel


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (Treated(20, 9, 100), Verdict.TOO_FEW),
        (Treated(190, 10, 124), Verdict.ALIKE),
        (Treated(190, 10, 126), Verdict.SLOWER),
        (Treated(170, 30, 90), Verdict.REFUSED_MORE),
        (Treated(170, 30, 200), Verdict.BOTH),
        (Treated(200, 0, None), Verdict.ALIKE),
    ],
)
def test_channels_are_compared_on_time_and_refusal(one: Treated, verdict: Verdict):
    assert compared(one, Treated(950, 50, 100), at_least=30) is verdict


def test_nothing_is_said_beside_too_few_of_the_app():
    assert compared(Treated(500, 0, 1), Treated(5, 0, 1), at_least=30) is Verdict.TOO_FEW
