"""Tickets: days by law and promise, who has no part in one, and what time brings."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chepai.domain import tickets
from chepai.domain.disclosure import officer
from chepai.domain.periods import Unit
from chepai.domain.profile import CityProfile, Span
from chepai.domain.tickets import About, Act, Ending, Kind, State, Step, Ticket
from infra.profile_check import CITIES, publishable

PROFILE = CityProfile.of(publishable(CITIES / "qingdao.toml"))
MONDAY = date(2026, 11, 2)
AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def stamp(moment: datetime) -> str:
    return moment.isoformat()


def ticket(**more: object) -> Ticket:
    made = Ticket(
        ticket_id="tkt_1", kind=Kind.COMPLAINT, channel="app", about=About.OTHER, state=State.OPEN,
        received_at=stamp(AT), first_due_at=stamp(AT + timedelta(hours=24)),
        due_at=stamp(AT + timedelta(days=7)), person_id="per_1",
        rule=tickets.rule_of(Kind.COMPLAINT, About.OTHER, PROFILE, MONDAY)._asdict(),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]  # fields of a ticket


@pytest.mark.parametrize(
    ("kind", "about", "rule_id", "last_day", "statutory"),
    [
        (Kind.CONSULT, About.OTHER, "tickets.consult", date(2026, 11, 3), False),
        (Kind.COMPLAINT, About.STAFF, "tickets.ordinary", date(2026, 11, 9), False),
        (Kind.SUGGESTION, About.OTHER, "tickets.ordinary", date(2026, 11, 9), False),
        (Kind.ACCUSATION, About.STAFF, "tickets.complex", date(2026, 11, 23), False),
        (
            Kind.DATA_ERROR, About.VEHICLE_RECORD, "R164-53-correct-record", date(2026, 11, 9),
            True,
        ),
        (
            Kind.COMPLAINT, About.CAMERA_RECORD, "V157-22-camera-objection", date(2026, 11, 9),
            True,
        ),
        (Kind.DATA_ERROR, About.OTHER, "tickets.ordinary", date(2026, 11, 9), False),
    ],
)  # fmt: skip
def test_each_kind_has_its_day_and_the_law_goes_before_the_promise(
    kind, about, rule_id, last_day, statutory
):
    rule = tickets.rule_of(kind, about, PROFILE, MONDAY)
    assert (rule.rule_id, rule.statutory) == (rule_id, statutory)
    assert tickets.ends_on(rule, MONDAY, PROFILE).last_day == last_day


def test_a_city_may_promise_less_than_the_law_gives_and_no_more():
    body = publishable(CITIES / "qingdao.toml")
    quick = CityProfile.of(body)
    quick.limits = quick.limits.but(correct_record=Span(n=2, unit=Unit.WORKDAY))
    rule = tickets.rule_of(Kind.DATA_ERROR, About.VEHICLE_RECORD, quick, MONDAY)
    assert (rule.n, rule.statutory) == (2, True)
    long = CityProfile.of(body)
    long.tickets = long.tickets.but(ordinary=Span(n=3, unit=Unit.WORKDAY))
    rule = tickets.rule_of(Kind.DATA_ERROR, About.VEHICLE_RECORD, long, MONDAY)
    assert (rule.rule_id, rule.n) == ("tickets.ordinary", 3)


def test_difficult_ones_get_the_longer_promise_and_holidays_do_not_count():
    rule = tickets.rule_of(Kind.COMPLAINT, About.OTHER, PROFILE, MONDAY, complex_one=True)
    assert rule.rule_id == "tickets.complex"
    before_the_holiday = date(2026, 9, 30)
    ends = tickets.ends_on(
        tickets.rule_of(Kind.CONSULT, About.OTHER, PROFILE, before_the_holiday),
        before_the_holiday,
        PROFILE,
    )
    assert ends.last_day > date(2026, 10, 7)


def test_nobody_decides_who_is_complained_of_or_had_a_hand_in_it():
    against = ticket(against=officer("sta_bad"))
    assert tickets.interested(against, "sta_bad")
    assert not tickets.interested(against, "sta_other")
    about_case = ticket(application_id="app_1", hands=("sta_1",))
    assert tickets.interested(about_case, "sta_1")
    assert tickets.interested(about_case, "sta_2", {"sta_2"})
    assert not tickets.interested(about_case, "sta_3", {"sta_2"})
    question = ticket(kind=Kind.CONSULT, application_id="app_1", hands=("sta_1",))
    assert not tickets.interested(question, "sta_1", {"sta_1"})
    called = ticket(state=State.CALL_BACK, answered_by="sta_1", call_due=stamp(AT))
    assert tickets.interested(called, "sta_1")
    assert tickets.interested(ticket(), "per_1")


def test_an_accusation_is_the_supervisions_alone():
    accusation = ticket(kind=Kind.ACCUSATION)
    seen = {
        role
        for role in ("clerk", "hotline", "operator", "supervisor", "audit_admin")
        if tickets.may_see(accusation, {role})
    }
    assert seen == {"supervisor", "audit_admin"}
    assert not tickets.may_see(ticket(raised=True), {"hotline"})
    assert tickets.may_see(ticket(raised=True), {"supervisor"})
    assert not tickets.may_see(ticket(), {"clerk"})


def test_more_time_is_given_once_in_time_and_never_against_a_law():
    assert tickets.may_extend(ticket(), AT)
    assert not tickets.may_extend(ticket(extended={"because": "EXPERT"}), AT)
    assert not tickets.may_extend(ticket(), AT + timedelta(days=8))
    law = tickets.rule_of(Kind.DATA_ERROR, About.VEHICLE_RECORD, PROFILE, MONDAY)._asdict()
    assert not tickets.may_extend(ticket(rule=law), AT)


def test_what_is_owed_first_is_the_first_answer():
    assert (ticket().owed, ticket().owed_at) == ("first_answer", stamp(AT + timedelta(hours=24)))
    told = ticket(first_answered_at=stamp(AT))
    assert (told.owed, told.owed_at) == ("answer", stamp(AT + timedelta(days=7)))
    called = ticket(state=State.CALL_BACK, call_due=stamp(AT + timedelta(days=9)))
    assert (called.owed, called.owed_at) == ("call", stamp(AT + timedelta(days=9)))


def test_time_reminds_then_escalates_once_then_waits():
    first = tickets.next_step(ticket(), PROFILE)
    assert first == (Step.REMIND, AT + timedelta(hours=12))
    second = tickets.next_step(ticket(reminded_at=stamp(AT)), PROFILE)
    assert second == (Step.LATE, AT + timedelta(hours=24))
    one = ticket(reminded_at=stamp(AT))
    late = replace(one, late={"for": one.owed_at})
    assert tickets.next_step(late, PROFILE) is None
    answered_first = replace(late, first_answered_at=stamp(AT))
    assert tickets.next_step(answered_first, PROFILE) == (Step.LATE, AT + timedelta(days=7))


def test_time_ends_what_nobody_rates_and_forgets_what_was_said():
    answered = ticket(state=State.ANSWERED, rate_until=stamp(AT + timedelta(days=15)))
    assert tickets.next_step(answered, PROFILE) == (Step.NOT_RATED, AT + timedelta(days=15))
    closed = ticket(state=State.CLOSED, closed_at=stamp(AT))
    days = PROFILE.privacy.conversation_days
    assert tickets.next_step(closed, PROFILE) == (Step.FORGET, AT + timedelta(days=days))


def test_acts_fit_whoever_holds_it():
    assert tickets.acts_of_staff(ticket(), "sta_1", {"hotline"}, AT) == [Act.CLAIM]
    held = ticket(owner="sta_1")
    acts = set(tickets.acts_of_staff(held, "sta_1", {"hotline"}, AT))
    assert acts == {Act.ANSWER, Act.EXTEND, Act.HAND_OVER, Act.CLOSE}
    assert tickets.acts_of_staff(held, "sta_2", {"hotline"}, AT) == []
    assert tickets.acts_of_staff(held, "sta_2", {"supervisor"}, AT) == [Act.CLAIM]
    assert tickets.acts_of_staff(ticket(state=State.CLOSED), "sta_1", {"hotline"}, AT) == []
    assert tickets.may_end(ticket(state=State.CALL_BACK), Ending.CALLED_BACK)
    assert not tickets.may_end(ticket(), Ending.CALLED_BACK)


def test_the_median_lies_between_the_edges_of_its_class():
    assert tickets.median_hours({}) is None
    assert [tickets.class_of(3600 * h) for h in (0.5, 1, 1.5, 721)] == [0, 0, 1, 16]
    assert tickets.median_hours({0: 1}) == 0.5
    assert tickets.median_hours({0: 1, 2: 1, 6: 1}) == 3.0
    assert tickets.median_hours({16: 2}) == 720
