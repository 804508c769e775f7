"""How long a session at the counter runs, and what counts as a reading of the card."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chepai.domain.counter import COUNTER, ELDER, is_reading, minutes, runs, way_of
from chepai.domain.facts import Fact, FactKind

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SESSION = {"opened_at": "2026-11-24T02:00:00.000Z", "until": "2026-11-24T02:45:00.000Z"}
WORD = Fact(
    subject="person#per_1",
    kind=FactKind.IDENTITY,
    version=1,
    says={"reference": "idr_1", "result": "MATCH", "method": "ID_CHIP", "alive": True},
    occurred_at=AT,
    received_at=AT,
    partner="police",
    message_id="m",
    kid="k",
    digest="d",
    valid_until=None,
    reply_to=None,
)


@pytest.mark.parametrize(
    ("after", "closed", "open_", "took"),
    [
        (0, None, True, 0),
        (1, None, True, 1),
        (61, None, True, 2),
        (44 * 60 + 59, None, True, 45),
        (45 * 60, None, False, 45),
        (90 * 60, None, False, 45),
        (90 * 60, "2026-11-24T02:10:30.000Z", False, 11),
    ],
)
def test_a_session_ends_by_itself_and_begun_minutes_count(after, closed, open_, took):
    session = SESSION | ({"closed_at": closed} if closed else {})
    now = AT + timedelta(seconds=after)
    assert (runs(session, now), minutes(session, now)) == (open_, took)


@pytest.mark.parametrize(
    ("says", "after", "good"),
    [
        ({}, 0, True),
        ({}, 300, True),
        ({}, 301, False),
        ({"reference": "idr_2"}, 0, False),
        ({"method": "FACE"}, 0, False),
        ({"method": "COUNTER"}, 0, True),
        ({"result": "MISMATCH"}, 0, False),
        ({"alive": False}, 0, False),
    ],
)
def test_only_the_polices_fresh_word_on_this_reading_counts(says, after, good):
    word = replace(WORD, says={**WORD.says, **says})
    now = AT + timedelta(seconds=after)
    assert is_reading(word, "idr_1", now=now, seconds=300) is good
    assert not is_reading(None, "idr_1", now=now, seconds=300)


@pytest.mark.parametrize(
    ("born", "way"),
    [(1966, ELDER), (1948, ELDER), (1967, COUNTER), (None, COUNTER), ("?", COUNTER)],
)
def test_who_turns_sixty_this_year_counts_as_old(born, way):
    assert way_of(born, AT, 60) == way
