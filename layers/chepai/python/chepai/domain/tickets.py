"""What people ask, suggest and complain about (咨询投诉): by when it is answered, and by whom.

A ticket is answered in two steps: a first answer within hours, and the final one by a day that the
city's profile promises or a law fixes. It may be extended once, for a reason, and never where a law
fixes the day. Nobody holds a ticket who is complained of, or who had a hand in the case that it is
about; an accusation is seen by the supervision alone. Requests about one's own data and disputes
of a fact are kept elsewhere (`data_requests`, an application's `disputes`) and only lead there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from chepai.domain import periods
from chepai.domain.disclosure import officer
from chepai.domain.periods import Deadline, LegalPeriod, city_day
from chepai.domain.profile import CityProfile, Span


class Kind(StrEnum):
    """What somebody comes with."""

    CONSULT = "consult"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    DATA_ERROR = "data_error"
    PRIVACY_REQUEST = "privacy_request"
    ACCUSATION = "accusation"


class Channel(StrEnum):
    """How it came."""

    APP = "app"
    PHONE = "phone"
    COUNTER = "counter"
    LETTER = "letter"


class About(StrEnum):
    """What it is about."""

    SERVICE = "service"
    WAITING = "waiting"
    STAFF = "staff"
    NUMBER = "number"
    FEE = "fee"
    DELIVERY = "delivery"
    VEHICLE_RECORD = "vehicle_record"
    CAMERA_RECORD = "camera_record"
    OTHER = "other"


class State(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CALL_BACK = "call_back"
    CLOSED = "closed"


class Ending(StrEnum):
    """How a closed ticket ended."""

    RATED = "rated"
    NOT_RATED = "not_rated"
    CALLED_BACK = "called_back"
    ANSWERED = "answered"
    FORWARDED = "forwarded"
    WITHDRAWN = "withdrawn"
    SAID_TWICE = "said_twice"
    NOBODY_REACHED = "nobody_reached"


class What(StrEnum):
    """What one piece of writing in a ticket is."""

    ASKED = "asked"
    CONTACT = "contact"
    MESSAGE = "message"
    FIRST_ANSWER = "first_answer"
    ANSWER = "answer"
    EXTENSION = "extension"
    HAND_OVER = "hand_over"
    CLOSURE = "closure"
    RATING = "rating"


class Act(StrEnum):
    """What can be done with a ticket; the words are those of the routes."""

    MESSAGE = "message"
    RATE = "rate"
    WITHDRAW = "withdraw"
    CLAIM = "claim"
    ANSWER = "answer"
    EXTEND = "extend"
    HAND_OVER = "hand_over"
    CLOSE = "close"


class To(StrEnum):
    """To whom a ticket is handed."""

    QUEUE = "queue"
    SUPERVISOR = "supervisor"
    OUTSIDE = "outside"


class Because(StrEnum):
    """Why more time is needed."""

    INQUIRY = "INQUIRY"
    ANOTHER_AGENCY = "ANOTHER_AGENCY"
    EXPERT = "EXPERT"


OUTSIDE = (
    "12345", "tax", "police", "insurer", "manufacturer", "lender", "courier", "highway", "other",
)  # fmt: skip
"""Who answers what is not ours; the ticket goes there with its trace, and its person is told."""

_CLERK, _HOTLINE, _OPERATOR = "clerk", "hotline", "operator"
_SUPERVISOR, _AUDITOR = "supervisor", "audit_admin"
HANDLED_BY: Mapping[Kind, frozenset[str]] = {
    Kind.CONSULT: frozenset({_HOTLINE, _CLERK, _OPERATOR, _SUPERVISOR}),
    Kind.COMPLAINT: frozenset({_HOTLINE, _OPERATOR, _SUPERVISOR}),
    Kind.SUGGESTION: frozenset({_HOTLINE, _CLERK, _OPERATOR, _SUPERVISOR}),
    Kind.DATA_ERROR: frozenset({_CLERK, _OPERATOR, _SUPERVISOR}),
    Kind.ACCUSATION: frozenset({_SUPERVISOR, _AUDITOR}),
}
"""The roles whose work a kind is. Complaints are nobody's at the counters that they are about."""
SEE_ALL = frozenset({_SUPERVISOR})
"""Who sees what others hold, to take it away from whoever is late."""

WORDS_AT_MOST = 40
_DISINTERESTED = frozenset({Kind.COMPLAINT, Kind.ACCUSATION})
_WORDS_FREE = frozenset({State.OPEN, State.ANSWERED})


class Rule(NamedTuple):
    """The period that a ticket is answered in: a law's, or the city's own promise."""

    rule_id: str
    n: int
    unit: str
    source: str
    statutory: bool


@dataclass(frozen=True)
class Ticket:
    """One ticket without anything that anybody wrote; times are stamps in UTC, days the city's.

    `raised` is whether only a supervisor may hold it; `against` is the opaque name of the officer
    complained of, as whoever was looked at reads it; `hands` are those who had one in the case of
    a complaint when it came in; `call_due` is when a bad rating is called back; `late` is what was
    done about it when its time had run out.
    """

    ticket_id: str
    kind: str
    channel: str
    about: str
    state: str
    received_at: str
    first_due_at: str
    due_at: str
    rule: Mapping[str, Any]
    person_id: str = ""
    application_id: str = ""
    against: str = ""
    hands: tuple[str, ...] = ()
    entered_by: str = ""
    owner: str = ""
    owner_role: str = ""
    raised: bool = False
    first_answered_at: str = ""
    extended: Mapping[str, Any] = field(default_factory=dict)
    reminded_at: str = ""
    late: Mapping[str, Any] = field(default_factory=dict)
    answered_at: str = ""
    answered_by: str = ""
    first_contact: bool = False
    rate_until: str = ""
    rating: int = 0
    call_due: str = ""
    forwarded_to: str = ""
    ending: str = ""
    closed_at: str = ""
    version: int = 1
    chain_head: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Ticket":
        """The ticket in a row that may hold more than that."""
        known = {name: row[name] for name in cls.__dataclass_fields__ if name in row}
        return cls(**known | {"hands": tuple(row.get("hands", ()))})

    @property
    def owed_at(self) -> str:
        """The moment by which the office owes the next thing: call, first answer, or answer."""
        if self.state == State.CALL_BACK:
            return self.call_due
        if self.state == State.OPEN and not self.first_answered_at:
            return min(self.first_due_at, self.due_at)
        return self.due_at

    @property
    def owed(self) -> str:
        """What the office owes next: "call", "first_answer", "answer", or "" for nothing."""
        if self.state == State.CALL_BACK:
            return "call"
        if self.state != State.OPEN:
            return ""
        return "answer" if self.first_answered_at else "first_answer"

    @property
    def last_day(self) -> date:
        """The last day of what is owed: times end at the midnight after it."""
        return city_day(moment(self.owed_at) - timedelta(seconds=1))

    def is_owed(self) -> bool:
        return self.state in {State.OPEN, State.CALL_BACK}

    def is_late(self, now: datetime) -> bool:
        """Whether the office owes something whose time has run out."""
        return self.is_owed() and moment(self.owed_at) <= now


def moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def answer_day(ticket: Ticket) -> date:
    """The last day for the final answer."""
    return city_day(moment(ticket.due_at) - timedelta(seconds=1))


def rule_of(
    kind: Kind, about: About, profile: CityProfile, on: date, *, complex_one: bool = False
) -> Rule:
    """The period that a ticket gets on a day. Where a law fixes one, a promise may only be shorter.

    Wrong vehicle records: R164 Art. 53. Objections to a camera record: V157 Arts 5, 22.
    """
    promised = _promise(kind, profile, complex_one=complex_one)
    fixed = _fixed(kind, about, profile, on)
    if fixed is None:
        return promised
    ends, promise_ends = (ends_on(each, on, profile).last_day for each in (fixed, promised))
    return fixed if ends <= promise_ends else promised


def _promise(kind: Kind, profile: CityProfile, *, complex_one: bool) -> Rule:
    name = "consult" if kind is Kind.CONSULT else "ordinary"
    if complex_one or kind is Kind.ACCUSATION:
        name = "complex"
    span: Span = getattr(profile.tickets, name)
    return Rule(f"tickets.{name}", span.n, span.unit.value, profile.version, statutory=False)


def _fixed(kind: Kind, about: About, profile: CityProfile, on: date) -> Rule | None:
    if kind in {Kind.CONSULT, Kind.SUGGESTION}:
        return None
    if kind is Kind.DATA_ERROR and about is About.VEHICLE_RECORD:
        law = periods.rule(periods.CORRECT_RECORD, on)
        own = profile.limits.correct_record
        n = min(own.n, law.n) if own.unit is law.unit else law.n
        return Rule(law.rule_id, n, law.unit.value, law.source, statutory=True)
    if about is About.CAMERA_RECORD:
        law = periods.rule(periods.CAMERA_OBJECTION, on)
        return Rule(law.rule_id, law.n, law.unit.value, law.source, statutory=True)
    return None


def ends_on(rule: Rule, start: date, profile: CityProfile) -> Deadline:
    """The last day of a rule's period; the day on which it begins does not count."""
    period = LegalPeriod(rule.rule_id, rule.n, periods.Unit(rule.unit), rule.source)
    return periods.deadline(period, start, profile.work_calendar)


def may_extend(ticket: Ticket, now: datetime) -> bool:
    """Whether more time can still be given: once, in time, and never against a law."""
    fits = ticket.state == State.OPEN and not ticket.extended
    return fits and not ticket.rule["statutory"] and now < moment(ticket.due_at)


def is_bad(score: int, profile: CityProfile) -> bool:
    return score <= profile.tickets.bad_score


def needs_distance(ticket: Ticket) -> bool:
    """Whether those with a hand in its case must have none in it."""
    return ticket.kind in _DISINTERESTED and bool(ticket.application_id)


def interested(ticket: Ticket, staff_id: str, hands: Collection[str] = ()) -> bool:
    """Whether somebody of staff must neither see nor decide this one.

    The person who asks, whoever is complained of, and, where it is a complaint, whoever had a hand
    in its case; and nobody calls back about an answer of their own.
    """
    if staff_id == ticket.person_id or (ticket.against and ticket.against == officer(staff_id)):
        return True
    if needs_distance(ticket) and (staff_id in ticket.hands or staff_id in hands):
        return True
    return ticket.state == State.CALL_BACK and staff_id == ticket.answered_by


def may_see(ticket: Ticket, roles: Collection[str]) -> bool:
    """Whether a kind is the work of somebody with these roles."""
    allowed = HANDLED_BY.get(Kind(ticket.kind), frozenset())
    if ticket.raised:
        allowed &= {_SUPERVISOR, _AUDITOR}
    return bool(allowed & set(roles))


def kinds_of(roles: Collection[str]) -> list[Kind]:
    """The kinds whose work is that of these roles."""
    return [kind for kind, allowed in HANDLED_BY.items() if allowed & set(roles)]


def acts_of_person(ticket: Ticket, now: datetime) -> list[Act]:
    """What the person who asked can do now."""
    found = []
    if ticket.state == State.OPEN:
        found += [Act.MESSAGE, Act.WITHDRAW]
    if ticket.state == State.ANSWERED and now < moment(ticket.rate_until):
        found.append(Act.RATE)
    return found


def acts_of_staff(
    ticket: Ticket, staff_id: str, roles: Collection[str], now: datetime
) -> list[Act]:
    """What one of staff can do now: claim what nobody holds, and work on what is held by them."""
    if not ticket.is_owed():
        return []
    if ticket.owner != staff_id:
        free = not ticket.owner or bool(SEE_ALL & set(roles))
        return [Act.CLAIM] if free else []
    if ticket.state == State.CALL_BACK:
        return [Act.CLOSE, Act.HAND_OVER]
    found = [Act.ANSWER, Act.HAND_OVER, Act.CLOSE]
    return [*found, Act.EXTEND] if may_extend(ticket, now) else found


def may_end(ticket: Ticket, ending: Ending) -> bool:
    """Whether a ticket can be closed so: after a call back, or where no answer can be given."""
    if ticket.state == State.CALL_BACK:
        return ending in {Ending.CALLED_BACK, Ending.NOBODY_REACHED}
    return ending in {Ending.SAID_TWICE, Ending.NOBODY_REACHED}


def queue_of(ticket: Ticket) -> str:
    """Where a ticket lies: with its owner, or with nobody, by whose work its kind is."""
    if not ticket.is_owed():
        return ""
    if ticket.owner:
        return ticket.owner
    return unclaimed("raised" if ticket.raised and ticket.kind != Kind.ACCUSATION else ticket.kind)


def unclaimed(kind: str) -> str:
    return f"nobody#{kind}"


def queues_of(roles: Collection[str]) -> list[str]:
    """The places in which somebody with these roles finds what nobody holds."""
    found = [unclaimed(kind) for kind in kinds_of(roles)]
    return [*found, unclaimed("raised")] if _SUPERVISOR in roles else found


class Told(NamedTuple):
    """Something that happened to a ticket, as its person is told: when, a word, and a day."""

    at: str
    code: str
    expected_on: str = ""


def told(ticket: Ticket) -> list[Told]:
    """What its person is told of a ticket; what they did themselves is not among it."""
    found = [
        Told(ticket.first_answered_at, "ticket_first_answered"),
        Told(
            str(ticket.extended.get("at", "")), "ticket_extended", ticket.extended.get("to_day", "")
        ),
        Told(str(ticket.late.get("at", "")), "ticket_late", ticket.late.get("expected_on", "")),
        Told(ticket.answered_at, "ticket_answered"),
    ]
    if ticket.first_answered_at == ticket.answered_at:
        del found[0]
    if ticket.ending in {Ending.FORWARDED, Ending.CALLED_BACK}:
        found.append(Told(ticket.closed_at, f"ticket_{ticket.ending}"))
    return [each for each in found if each.at]


class Step(StrEnum):
    """What time brings; the words are acts of the ledger."""

    REMIND = "ticket_reminded"
    LATE = "ticket_late"
    NOT_RATED = "ticket_not_rated"
    FORGET = "ticket_words_destroyed"


class Due(NamedTuple):
    """The next thing that time brings to a ticket."""

    step: Step
    at: datetime


def next_step(ticket: Ticket, profile: CityProfile) -> Due | None:
    """What comes next by itself, and when; None when nothing does."""
    if ticket.state == State.CLOSED:
        days = timedelta(days=profile.privacy.conversation_days)
        return Due(Step.FORGET, moment(ticket.closed_at) + days)
    if ticket.state == State.ANSWERED:
        return Due(Step.NOT_RATED, moment(ticket.rate_until))
    if ticket.late.get("for") == ticket.owed_at:
        return None
    ends = moment(ticket.owed_at)
    if ticket.state == State.OPEN and not ticket.reminded_at:
        began = moment(ticket.received_at)
        remind = began + (ends - began) * profile.escalation.remind_percent / 100
        return Due(Step.REMIND, remind)
    return Due(Step.LATE, ends)


def why_late(ticket: Ticket) -> str:
    """Why a ticket is escalated, as a word of the catalogue."""
    if ticket.state == State.OPEN and not ticket.owner:
        return "NOBODY_TOOK_IT"
    return {"call": "CALL", "first_answer": "FIRST_ANSWER"}.get(ticket.owed, "ANSWER")


EDGES_HOURS: Sequence[int] = (1, 2, 4, 8, 12, 24, 36, 48, 72, 96, 120, 168, 240, 336, 504, 720)
"""The upper edges of the classes in which times to an answer are counted; the last has none."""


def class_of(seconds: float) -> int:
    """The class of a time."""
    return sum(seconds > edge * 3600 for edge in EDGES_HOURS)


def median_hours(counts: Mapping[int, int]) -> float | None:
    """The median of times counted by class, straight between the edges of its class."""
    whole, seen = sum(counts.values()), 0
    if not whole:
        return None
    for place in sorted(counts):
        before, seen = seen, seen + counts[place]
        if seen * 2 >= whole and counts[place]:
            low = EDGES_HOURS[place - 1] if place else 0
            high = EDGES_HOURS[min(place, len(EDGES_HOURS) - 1)]
            share = (whole / 2 - before) / counts[place]
            return round(low + (high - low) * share, 1)
    return None
