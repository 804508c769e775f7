"""Every open case is in exactly one queue, with an owner, a reason and a next step."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain.facts import Agency
from chepai.domain.life_cycle import CLERK, HOLDERS, STAGES, Status, is_open
from chepai.domain.review import asked
from chepai.domain.routing import needs_machine
from chepai.domain.whereabouts import Lost, is_late, lost, right_holder, whereabouts
from tests.unit.domain.test_legal_clock import case

_CARDS = st.lists(
    st.sampled_from(Agency).map(lambda agency: {"code": "X", "who_must_act": agency.value}),
    max_size=3,
)


@given(
    st.sampled_from(Status),
    _CARDS,
    st.booleans(),
    st.sampled_from(["", "StepFailed", "Overdue"]),
    st.sampled_from(["", "withdrawn", "rejected"]),
    st.sampled_from(["new_car", "certificate_reissue"]),
)
def test_every_open_case_has_one_queue_an_owner_a_reason_and_a_next_step(
    status, reasons, booked, stuck, ending, service
):
    application = case(
        status.value, reasons=reasons, appointment={"slot": "s"} if booked else {},
        stuck_because=stuck, ending=ending, service=service,
    )  # fmt: skip
    found = whereabouts(application)
    assert (found is None) is not is_open(status)
    if found:
        assert found.queue in HOLDERS
        assert all(found)
        assert found.queue == (CLERK if stuck else right_holder(application))
        placed = replace(application, queue_shard=f"{found.queue}#0", due_at="2026-06-10T00:00:00Z")
        assert lost(placed) == ()


@pytest.mark.parametrize("status", list(Status))
def test_a_step_of_the_life_leaves_no_case_behind(status):
    """Whatever may follow a status, the queue it leaves is not the one it is lost in."""
    for following in STAGES[status].following:
        left = case(following.value, due_at="2026-06-10T00:00:00Z", queue_shard="")
        assert lost(left) == ((Lost.NO_QUEUE,) if is_open(following) else ())
        if is_open(following):
            right = replace(left, queue_shard=f"{right_holder(left)}#3")
            assert lost(right) == ()


@pytest.mark.parametrize(
    ("differs", "fault"),
    [
        ({"status": "in_limbo"}, Lost.UNKNOWN_STATUS),
        ({"service": "boat"}, Lost.UNKNOWN_SERVICE),
        ({"queue_shard": ""}, Lost.NO_QUEUE),
        ({"queue_shard": "reviewer#0"}, Lost.WRONG_QUEUE),
        ({"queue_shard": "nobody#0"}, Lost.WRONG_QUEUE),
        ({"queue_shard": "clerk#0"}, Lost.NO_REASON),
        ({"due_at": ""}, Lost.NO_NEXT_LOOK),
        ({"status": "closed"}, Lost.ENDED_IN_QUEUE),
    ],
)
def test_what_is_wrong_with_where_a_case_is(differs, fault):
    good = case("verifying", due_at="2026-06-10T00:00:00Z")
    assert lost(good) == ()
    assert lost(replace(good, **differs)) == (fault,)


def test_what_fits_no_rule_is_a_clerk_s_with_the_reason():
    found = whereabouts(case("in_limbo"))
    assert (found.queue, found.reason) == (CLERK, "unknown_status")


def test_a_case_is_late_only_past_its_day_without_a_word():
    now = datetime(2026, 6, 11, 4, tzinfo=UTC)
    accepted = case(
        "reviewing", accepted_at="2026-06-08T02:00:00Z", legal_end="2026-06-10",
        queue_shard="reviewer#0",
    )  # fmt: skip
    assert is_late(accepted, now)
    assert not is_late(accepted, datetime(2026, 6, 10, 15, 59, tzinfo=UTC))
    said = {"expected": {"for": "decision@x", "on": "2026-06-11", "from": "2026-06-10T12:00Z"}}
    assert not is_late(replace(accepted, clock=said), now)
    assert not is_late(replace(accepted, status="registered"), now)
    waits = {"pauses": [{"because": "inspection", "from": "2026-06-09T02:00:00Z"}]}
    assert not is_late(replace(accepted, clock=waits), now)


def test_a_review_after_the_end_needs_no_machine():
    at = "2026-06-08T02:00:00Z"
    ended = case("reviewing", since=at, ending="not_accepted", review=asked({}, at=at))
    assert not needs_machine(ended)
    assert needs_machine(replace(ended, ending=""))
    assert needs_machine(replace(ended, status="not_accepted"))
