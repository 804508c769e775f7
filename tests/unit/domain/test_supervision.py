"""What a finding leads to: total over every status, party and kind of fact."""

import pytest

from chepai.domain.attribution import PARTIES
from chepai.domain.facts import FactKind
from chepai.domain.ledger import Actor, entry
from chepai.domain.life_cycle import Status
from chepai.domain.supervision import (
    SYSTEM_FAULT,
    Way,
    hands_of,
    legal_act_of,
    party_of,
    way_of,
)
from chepai.domain.verification import GROUNDS


@pytest.mark.parametrize(
    ("status", "way"),
    [
        (Status.VERIFYING, Way.SEND_BACK),
        (Status.REVIEWING, Way.SEND_BACK),
        (Status.REGISTERING, Way.LEGAL_ACT),
        (Status.CLOSED, Way.LEGAL_ACT),
        (Status.REJECTED, Way.LOOK_AGAIN),
        (Status.WITHDRAWN, Way.NOTHING),
    ],
)
def test_what_a_reversal_means(status: Status, way: Way) -> None:
    assert way_of(status) is way


def test_every_status_has_a_way_and_every_party_a_legal_act() -> None:
    assert {way_of(status) for status in Status} == set(Way)
    assert all(legal_act_of(party) for party in PARTIES)
    assert legal_act_of("maker") == "correct_record"


def test_the_reason_says_more_than_the_kind() -> None:
    assert party_of("F06", None) == "tax"
    assert party_of("F06", GROUNDS["F06-BUYER"]) == "dealer"
    assert party_of(SYSTEM_FAULT, None) == "operator"
    assert all(party_of(kind, None) in PARTIES for kind in FactKind)


def test_whoever_acts_for_another_is_a_hand_like_the_other() -> None:
    made = entry(
        chain="a", seq=1, prev="", at="", actor=Actor("agent", "per_A", on_behalf_of="per_B"),
        act="submitted",
    )  # fmt: skip
    machine = entry(chain="a", seq=2, prev="", at="", actor=Actor("system", "weigh"), act="w")
    assert hands_of([made, machine]) == {"per_A", "per_B"}
