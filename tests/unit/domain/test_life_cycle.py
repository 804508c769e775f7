"""The life of an application: no dead ends, one holder each, no way back after registration."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from chepai.domain import life_cycle
from chepai.domain.facts import Agency
from chepai.domain.life_cycle import (
    HOLDERS,
    STAGES,
    Act,
    Status,
    before_registration,
    is_open,
    may,
    may_become,
    queue_of,
    refusal_of,
)
from chepai.domain.refusals import BeingRegistered, NotWaitingForThis, TooLate

S = Status
_CATALOGUE = Path(life_cycle.__file__).parent.parent / "catalogue"
STATES = {
    language: json.loads((_CATALOGUE / language / "states.json").read_text(encoding="utf-8"))
    for language in ("zh-CN", "en")
}
HAPPY = [
    S.SUBMITTED,
    S.VERIFYING,
    S.AWAITING_OWNER,
    S.AWAITING_FEE,
    S.ACCEPTED,
    S.REVIEWING,
    S.APPROVED,
    S.REGISTERING,
    S.REGISTERED,
    S.IN_PRODUCTION,
    S.DISPATCHED,
    S.CLOSED,
]


def test_every_status_has_its_row():
    assert set(STAGES) == set(Status)


def test_the_happy_way_is_a_way():
    assert all(may_become(one, after) for one, after in pairwise(HAPPY))


def _reachable(start: Status) -> set[Status]:
    seen: set[Status] = set()
    left = [start]
    while left:
        status = left.pop()
        if status not in seen:
            seen.add(status)
            left += STAGES[status].following
    return seen


def test_every_status_can_be_reached_and_every_open_one_can_end():
    assert _reachable(S.SUBMITTED) == set(Status)
    for status in filter(is_open, Status):
        assert any(not is_open(each) for each in _reachable(status))


def test_nothing_leads_back_over_registration():
    for status in Status:
        if is_open(status) and not before_registration(status):
            assert not any(before_registration(each) for each in _reachable(status))


def test_everything_before_registration_can_be_withdrawn_or_expire():
    for status in filter(before_registration, Status):
        assert may_become(status, S.WITHDRAWN)
        assert may_become(status, S.EXPIRED)
        assert may(status, Act.WITHDRAW) or status is S.REGISTERING


def test_after_registration_withdrawal_is_told_too_late_with_what_is_possible():
    for status in Status:
        if is_open(status) and not before_registration(status):
            refusal = refusal_of(status, Act.WITHDRAW)
            assert isinstance(refusal, TooLate)
            assert refusal.values["possible"]


def test_while_the_register_is_asked_nobody_can_withdraw():
    assert isinstance(refusal_of(S.REGISTERING, Act.WITHDRAW), BeingRegistered)


@pytest.mark.parametrize(
    ("status", "act", "possible"),
    [
        (S.AWAITING_OWNER, Act.SIGN, True),
        (S.AWAITING_OWNER, Act.PAY, False),
        (S.AWAITING_FEE, Act.PAY, True),
        (S.ON_SITE_REQUIRED, Act.BOOK_INSPECTION, True),
        (S.VERIFYING, Act.CORRECT, True),
        (S.ACCEPTED, Act.CORRECT, False),
        (S.REJECTED, Act.ASK_REVIEW, True),
        (S.NOT_ACCEPTED, Act.ASK_REVIEW, True),
        (S.WITHDRAWN, Act.ASK_REVIEW, False),
        (S.REGISTERED, Act.TAKE_TEMPORARY_PLATE, True),
        (S.KEPT_FOR_PICK_UP, Act.HAND_OVER, True),
        (S.CLOSED, Act.RATE, True),
        (S.CLOSED, Act.WITHDRAW, False),
    ],
)
def test_who_may_do_what_when(status, act, possible):
    assert may(status, act) is possible
    refusal = refusal_of(status, act)
    assert (refusal is None) is possible
    assert possible or isinstance(refusal, NotWaitingForThis)


def test_every_act_is_possible_somewhere():
    assert {act for stage in STAGES.values() for act in stage.acts} == set(Act)


def test_every_open_case_is_in_one_known_queue():
    for status in Status:
        for agency in (None, *Agency):
            for booked in (False, True):
                for stuck in (False, True):
                    holder = queue_of(status, agency=agency, booked=booked, stuck=stuck)
                    assert (holder is not None) == is_open(status)
                    assert holder is None or holder in HOLDERS


@pytest.mark.parametrize(
    ("status", "more", "holder"),
    [
        (S.AWAITING_SOURCE, {"agency": Agency.TAX}, "agency:tax"),
        (S.AWAITING_SOURCE, {"agency": Agency.OWNER}, "owner"),
        (S.NEEDS_CORRECTION, {"agency": Agency.DEALER}, "agency:dealer"),
        (S.NEEDS_CORRECTION, {}, "owner"),
        (S.ON_SITE_REQUIRED, {}, "owner"),
        (S.ON_SITE_REQUIRED, {"booked": True}, "inspector"),
        (S.CONVERTED_ON_SITE, {"agency": Agency.POLICE}, "officer"),
        (S.REGISTERING, {"stuck": True}, "clerk"),
        (S.CLOSED, {"stuck": True}, None),
    ],
)
def test_who_holds_the_case(status, more, holder):
    assert queue_of(status, **more) == holder


@pytest.mark.parametrize("language", STATES)
def test_every_status_and_holder_is_said_in_plain_words(language):
    said = STATES[language]
    for status in Status:
        assert set(said[status]) == {"title", "holder", "do"}
    assert {f"holder.{each}" for each in HOLDERS} <= set(said)
    assert STATES["en"].keys() == STATES["zh-CN"].keys()
