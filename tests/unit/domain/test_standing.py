"""Bans, reviews, temporary plates and the choosing of numbers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain import choosing, review
from chepai.domain.application import Application
from chepai.domain.bans import Ban, Deceit, ban, banned_until, may_apply
from chepai.domain.refusals import (
    BannedFromApplying,
    NoPolicyForTheseDays,
    OwnAct,
    TemporaryPlatesUsedUp,
)
from chepai.domain.temporary_plate import Need, Validity, validity, void_after
from tests.unit.domain.cases import NOW, profile

TODAY = date(2026, 6, 10)
SECRET = b"a key that only the office knows"


@pytest.mark.parametrize(
    ("deceit", "decided", "until"),
    [
        (Deceit.FALSE_STATEMENT, date(2026, 6, 10), date(2027, 6, 10)),
        (Deceit.OBTAINED_BY_DECEIT, date(2026, 6, 10), date(2029, 6, 10)),
        (Deceit.FALSE_STATEMENT, date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_how_long_a_ban_runs(deceit, decided, until):
    assert ban(deceit, decided).until == until


def test_the_longest_ban_counts_to_its_last_day():
    bans = [Ban(Deceit.FALSE_STATEMENT, TODAY), Ban(Deceit.OBTAINED_BY_DECEIT, date(2028, 1, 1))]
    assert banned_until(bans, TODAY) == date(2028, 1, 1)
    assert banned_until(bans[:1], TODAY + timedelta(1)) is None
    with pytest.raises(BannedFromApplying) as refused:
        may_apply(bans, TODAY)
    assert refused.value.values == {"until": "2028-01-01"}
    may_apply([], TODAY)


def _path(
    number: int,
    *,
    rate: int = 500,
    flagged: bool = False,
    automatic: bool = True,
    secret: bytes = SECRET,
) -> review.Path:
    return review.path_of(
        f"app_{number}",
        secret=secret,
        sample_basis_points=rate,
        automatic=automatic,
        flagged=flagged,
    )


@given(st.integers(), st.integers(min_value=0, max_value=10_000))
def test_the_draw_can_be_repeated_and_grows_with_the_rate(number, rate):
    assert _path(number, rate=rate) is _path(number, rate=rate)
    if _path(number, rate=rate) is review.Path.SAMPLED:
        assert _path(number, rate=10_000) is review.Path.SAMPLED
    assert _path(number, rate=10_000) is review.Path.SAMPLED
    assert _path(number, rate=0) is review.Path.AUTOMATIC


def test_about_the_rate_is_drawn_and_another_key_draws_others():
    drawn = {n for n in range(4000) if _path(n) is review.Path.SAMPLED}
    others = {n for n in range(4000) if _path(n, secret=b"another") is review.Path.SAMPLED}
    assert 140 < len(drawn) < 260
    assert len(drawn & others) < 40


def test_flagged_ones_always_go_to_a_reviewer():
    assert _path(1, rate=0, flagged=True) is review.Path.FLAGGED
    assert _path(1, rate=0, automatic=False) is review.Path.MANUAL


def test_nobody_reviews_their_own_act():
    with pytest.raises(OwnAct):
        review.may_review({"staff-1", "per_1"}, {"staff-1", "staff-2"})
    review.may_review({"staff-3"}, {"staff-1", "staff-2"})


def _validity(
    need: Need = Need.PLATES_NOT_READY,
    *,
    starts: date | None = TODAY,
    ends: date = date(2027, 6, 9),
    earlier: int = 0,
) -> Validity:
    return validity(
        need,
        issued_on=TODAY,
        policy_starts_on=starts,
        policy_ends_on=ends,
        earlier=earlier,
        profile=profile(),
    )


@pytest.mark.parametrize(
    ("need", "policy", "days"),
    [
        (Need.PLATES_NOT_READY, {}, (TODAY, date(2026, 6, 24))),
        (Need.NOT_REGISTERED, {}, (TODAY, date(2026, 7, 9))),
        (Need.PLATES_NOT_READY, {"ends": date(2026, 6, 15)}, (TODAY, date(2026, 6, 15))),
        (
            Need.PLATES_NOT_READY,
            {"starts": date(2026, 6, 12)},
            (date(2026, 6, 12), date(2026, 6, 24)),
        ),
    ],
)
def test_a_temporary_plate_counts_calendar_days_within_the_policy(need, policy, days):
    assert _validity(need, **policy) == Validity(*days)


@pytest.mark.parametrize("policy", [{"starts": None}, {"ends": date(2026, 6, 9)}])
def test_no_temporary_plate_without_a_policy(policy):
    with pytest.raises(NoPolicyForTheseDays):
        _validity(**policy)


def test_three_times_before_registration_and_no_more():
    _validity(Need.NOT_REGISTERED, earlier=2)
    with pytest.raises(TemporaryPlatesUsedUp):
        _validity(Need.NOT_REGISTERED, earlier=3)
    _validity(Need.PLATES_NOT_READY, earlier=3)


def test_a_temporary_plate_ends_three_working_days_after_delivery():
    assert void_after(date(2025, 9, 30), profile()) == date(2025, 10, 11)


def test_a_number_is_kept_for_working_days_not_counting_the_first():
    chosen = datetime(2025, 9, 30, 4, tzinfo=UTC)
    assert choosing.kept_until(chosen, profile()) == datetime(2025, 10, 11, 16, tzinfo=UTC)


def test_a_lapse_bars_for_two_years_to_the_day():
    lapsed = datetime(2026, 2, 28, 16, tzinfo=UTC)  # midnight in China, already 1 March
    until = choosing.barred_until(lapsed, profile())
    assert until == datetime(2028, 3, 1, 16, tzinfo=UTC)
    assert choosing.last_day_barred(until) == date(2028, 3, 1)
    lenient = profile()
    lenient.numsel = lenient.numsel.but(lapse_ban_months=0)
    assert choosing.barred_until(lapsed, lenient) is None


def test_a_number_is_kept_for_a_fee_that_is_on_its_way_and_never_shorter():
    ends = NOW + timedelta(days=1)
    assert choosing.kept_for_the_fee(ends, NOW) == ends
    assert choosing.kept_for_the_fee(NOW, NOW) == NOW + choosing.KEPT_FOR_THE_FEE
    assert choosing.kept_for_the_fee(NOW - timedelta(days=3), NOW) > NOW


@given(choices=st.integers(0, 2), offers=st.integers(0, 12), back=st.integers(0, 3))
def test_a_choice_given_back_has_all_its_batches(choices, offers, back):
    rules = profile().numsel
    case = _choosing(choices=choices, offers=offers, batches_back=back)
    again = replace(case, **choosing.given_back(case, rules))
    assert choosing.choices_left(again, rules) >= min(1, choosing.choices_left(case, rules) + 1)
    assert choosing.batches_left(again, rules) >= rules.batches


def test_an_offer_is_forfeited_by_the_servers_clock():
    assert choosing.offer_until(NOW, 90) == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("left", "at_once", "shown"),
    [
        (5, False, (1, 10, 90)),
        (5, True, (5, 50, 180)),
        (2, True, (2, 20, 180)),
        (9, True, (5, 50, 180)),
    ],
)
def test_both_ways_of_showing_take_the_same_batches(left, at_once, shown):
    assert tuple(choosing.spread(left, profile().numsel, at_once=at_once)) == shown


@pytest.mark.parametrize(("found", "used"), [(50, 5), (41, 5), (40, 4), (3, 1), (0, 1)])
def test_what_a_crowded_segment_could_not_fill_is_not_used(found, used):
    assert choosing.batches_used(found, profile().numsel) == used


def _choosing(**counts: Any) -> Application:
    return Application("app_1", "new_car", "370200", "v", "per_1", "awaiting_owner", "", **counts)
