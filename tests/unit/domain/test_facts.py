"""Facts: which one counts, and how long it may be used."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain import facts
from chepai.domain.facts import AGENCIES, FactKind, has_expired, is_fresh, newest, parse_subject
from tests.unit.domain.cases import NOW, fact

K = FactKind
HOUR = timedelta(hours=1)


@given(st.permutations(range(6)))
def test_the_newest_fact_is_the_same_whatever_the_order_of_arrival(order):
    versions = [
        fact(K.INVOICE, version=each, occurred_at=NOW + HOUR * (each // 2)) for each in order
    ]
    counts = newest(versions)
    assert counts is not None
    assert counts.version == 5


def test_a_late_report_of_something_earlier_does_not_count():
    first = fact(K.INVOICE, version=1, occurred_at=NOW)
    late = fact(K.INVOICE, version=2, occurred_at=NOW - HOUR)
    assert newest([first, late]) is first


def test_there_may_be_none():
    assert newest([]) is None


@pytest.mark.parametrize(
    ("ttl", "age", "fresh"),
    [
        (None, HOUR * 1000, True),
        (HOUR, HOUR / 2, True),
        (HOUR, HOUR, False),
        (timedelta(0), timedelta(0), False),
    ],
)
def test_how_long_a_fact_may_be_used(ttl, age, fresh):
    assert is_fresh(fact(K.INVOICE), NOW + age, ttl) is fresh


def test_the_answer_to_a_question_is_fresh_whatever_its_ttl():
    answer = fact(K.VEHICLE_STATUS)
    zero = timedelta(0)
    assert is_fresh(answer, NOW + HOUR, zero, asked_at=NOW)
    assert not is_fresh(answer, NOW + HOUR, zero, asked_at=NOW + HOUR / 2)


def test_a_fact_past_its_own_validity_is_never_fresh():
    old = replace(fact(K.COMPULSORY_INSURANCE), valid_until=NOW)
    assert not has_expired(old, NOW)
    assert has_expired(old, NOW + timedelta(seconds=1))
    assert not is_fresh(old, NOW + HOUR, None, asked_at=NOW)


@pytest.mark.parametrize(
    "make",
    [
        facts.about_vin,
        facts.about_person,
        facts.about_application,
        facts.about_payment,
        facts.about_message,
        facts.about_model,
        facts.about_segment,
    ],
)
def test_a_subject_can_be_taken_apart_again(make):
    kind, identifier = parse_subject(make("a#b"))
    assert (make.__name__, identifier) == (f"about_{kind}", "a#b")


@pytest.mark.parametrize("broken", ["", "vin", "vin#", "#x", "car#x"])
def test_what_is_no_subject_is_refused(broken):
    with pytest.raises(ValueError, match=r"not a|is not"):
        parse_subject(broken)


def test_every_kind_has_someone_who_answers_for_it():
    assert set(AGENCIES) == set(FactKind)
