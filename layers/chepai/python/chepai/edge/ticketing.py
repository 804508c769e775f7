"""Asking, suggesting and complaining as the person sees it: one's own tickets, each with its day.

A request about one's own data becomes one of `data_requests` and a wrong fact of one's own case
becomes its dispute: both are shown among the tickets and are kept once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chepai.domain import data_requests, tickets
from chepai.domain.application import Application
from chepai.domain.disclosure import officer
from chepai.domain.facts import FactKind
from chepai.domain.ledger import Actor, rule_of
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.refusals import (
    FieldInvalid,
    FieldProblem,
    IdempotencyKeyReused,
    TicketNotWaiting,
    TicketUnknown,
    VersionConflict,
)
from chepai.domain.supervision import hands_of
from chepai.domain.tickets import About, Act, Channel, Ending, Kind, State, Ticket, What
from chepai.edge.api import Answer, Body, Call
from chepai.edge.clock import now
from chepai.edge.disputing import Dispute, Disputing
from chepai.edge.ids import derived_id
from chepai.edge.my_accesses import due_on
from chepai.edge.my_accesses import word as privacy_word
from chepai.edge.questions import Question, Questions
from chepai.edge.texts import codes, say_in_both
from chepai.edge.views import Texts
from chepai.records.applications import Applications, stamp
from chepai.records.cities import Cities
from chepai.records.data_requests import DataRequests
from chepai.records.table import Row
from chepai.records.tickets import Kept, Piece, Tickets, piece_of

MANY = 50
PERSON = "person"
"""Who wrote a text, where it is whoever asked."""
_INFORMANT = "informant"
_ASKED_PREFIX = "ask_"

Words = Annotated[str, Field(min_length=1, max_length=2000)]
CaseNo = Annotated[str, Field(pattern=r"^app_[0-9A-Z]{26}$")]
OfficerName = Annotated[str, Field(pattern=r"^off_[0-9a-f]{12}$")]


class OpenTicket(Body):
    """What somebody comes with.

    `officer` is the name of an officer as "who looked at my data" shows it. A `data_error` with
    `application_id` and `fact` becomes a dispute of that fact; a `privacy_request` says its
    `topic` and needs no text: nothing more is asked of anybody than is needed.
    """

    kind: Kind
    about: About | None = None
    text: Annotated[str, Field(max_length=2000)] = ""
    application_id: CaseNo | None = None
    officer: OfficerName | None = None
    fact: Literal["F01", "F03", "F04", "F05", "F06", "F07", "F08", "F09", "F10", "F14"] | None = (
        None
    )
    wrong: Literal[
        "WRONG_PERSON", "WRONG_CAR", "WRONG_VALUE", "OUT_OF_DATE", "MISSING", "OTHER"
    ] = "OTHER"
    topic: data_requests.Topic | None = None


class AddWords(Body):
    """What the person adds while the office works on it."""

    text: Words


class RateAnswer(Body):
    """One to five; five is best. A bad one is called back by somebody else."""

    score: Annotated[int, Field(ge=1, le=5)]
    text: Annotated[str, Field(max_length=2000)] = ""


class TicketRule(Answer):
    """The rule that gives the day: a law's article or the office's own promise."""

    rule_id: str
    n: int
    unit: str
    statutory: bool
    source: str
    text: Texts


class TicketExtended(Answer):
    """More time, given once: until which day instead of which, and why."""

    from_day: str
    to_day: str
    because: str
    because_text: Texts
    at: str


class TicketLate(Answer):
    """The office did not keep its time: who was told, and by which day it is expected now."""

    at: str
    text: Texts
    expected_on: str


class Written(Answer):
    """One text of a ticket; an officer appears by an opaque name."""

    what: str
    what_text: Texts
    at: str
    by: str
    by_text: Texts
    officer: str | None = None
    text: str


class MyTicketRow(Answer):
    """One of my tickets in the list.

    `due_on` is the last day of what the office owes now, `answer_on` that of the final answer.
    """

    location: str
    ticket_id: str
    kind: str
    kind_text: Texts
    about_text: Texts | None = None
    channel: str
    channel_text: Texts
    state: str
    state_text: Texts
    received_at: str
    due_on: str | None = None
    answer_on: str | None = None
    is_late: bool = False
    holder_text: Texts | None = None
    application_id: str | None = None


class MyTicket(MyTicketRow):
    """One of my tickets; with every text where it is read, without where it is acted on.

    `may` are the acts that are mine now.
    `answer_text` is the answer where it is one of fixed words, as to a request about data;
    `appeal` is where such an answer can be appealed.
    """

    first_due_at: str | None = None
    first_answered_at: str | None = None
    answered_at: str | None = None
    rule: TicketRule | None = None
    extended: TicketExtended | None = None
    late: TicketLate | None = None
    words: list[Written] | None = None
    answer_text: Texts | None = None
    appeal: str | None = None
    rating: int | None = None
    rate_until: str | None = None
    call_due_on: str | None = None
    forwarded_text: Texts | None = None
    ending_text: Texts | None = None
    closed_at: str | None = None
    may: list[str] | None = None
    version: int = 1


class MyTickets(Answer):
    """My tickets and requests about my data, newest first."""

    tickets: list[MyTicketRow]


class TakenIn(Answer):
    """What became of it: a ticket, a request about data shown as one, or a dispute of a fact."""

    location: str
    ticket: MyTicket | None = None
    dispute: Dispute | None = None


@dataclass(frozen=True)
class Ticketing:
    """The adapters that one's own tickets take."""

    kept: Tickets

    @classmethod
    def from_env(cls) -> Self:
        return cls(Tickets.from_env())

    # Only what comes in knows cases and other books; only what is read opens what was written.

    @cached_property
    def cities(self) -> Cities:
        return Cities.from_env()

    @cached_property
    def applications(self) -> Applications:
        return Applications.from_env()

    @cached_property
    def requests(self) -> DataRequests:
        return DataRequests.from_env()

    def open(self, call: Call[OpenTicket]) -> TakenIn:
        """Take in what a person sends. Raises ApplicationUnknown, FieldInvalid and whatever the
        dispute of a fact raises."""
        said, person_id = call.body, call.caller.person_id
        case = (
            self.applications.read_own(said.application_id, person_id)
            if said.application_id
            else None
        )
        if said.kind is Kind.PRIVACY_REQUEST:
            row = self.ask_about_data(person_id, said.topic, call, by=call.caller.actor())
            return _as_ticket(row)
        if said.kind is Kind.DATA_ERROR and case and said.fact:
            about_case = replace(call, path={"application_id": case.application_id})
            dispute = Disputing.from_env().dispute(
                about_case, FactKind(said.fact), None, said.wrong
            )
            return TakenIn(location=dispute.location, dispute=dispute)
        draft = Ticket(
            ticket_id=derived_id("tkt", person_id, call.idempotency_key),
            kind=said.kind,
            channel=Channel.APP,
            about=said.about or _usual(said.kind),
            state=State.OPEN,
            received_at="",
            first_due_at="",
            due_at="",
            rule={},
            person_id=person_id,
            application_id=case.application_id if case else "",
            against=said.officer or "",
        )
        made = self.enter(draft, {What.ASKED: said.text}, call, by=_writer(draft, call))
        return TakenIn(location=_location(made.ticket_id), ticket=self.shown(made))

    def enter(
        self,
        draft: Ticket,
        texts: Mapping[What, str],
        call: Call[Any],
        *,
        by: Actor,
        complex_one: bool = False,
        wrote: str = PERSON,
        who: str = "",
        counts: Mapping[str, int] | None = None,
        **answered: Any,
    ) -> Ticket:
        """Enter a ticket with its days. Raises FieldInvalid, IdempotencyKeyReused."""
        if not texts[What.ASKED].strip():
            raise FieldInvalid(FieldProblem("text", "missing"))
        at, profile = now(), self.cities.current()
        ticket = replace(dated(draft, profile, at, complex_one=complex_one), **answered)
        if tickets.needs_distance(ticket):
            # Whoever worked on the case does not even see that somebody complains about it.
            hands = self._hands(ticket.application_id, ticket.person_id)
            ticket = replace(ticket, hands=hands)
        pieces = [
            piece_of(
                ticket, f"{ticket.ticket_id}-{n}", what, text.strip(), at=stamp(at),
                by=PERSON if what in {What.ASKED, What.CONTACT} else wrote,
                who="" if what in {What.ASKED, What.CONTACT} else who,
            )
            for n, (what, text) in enumerate(texts.items())
            if text.strip()
        ]  # fmt: skip
        return self.kept.enter(
            ticket,
            pieces,
            actor=by,
            fingerprint=call.fingerprint,
            next_at=_next(ticket, profile),
            counts={"received": 1, f"by_{ticket.channel}": 1, **(counts or {})},
            told=_told(ticket),
        )

    def call_back(self, case: Application, score: int, call: Call[Any]) -> None:
        """Have a badly rated service called back, once, by somebody with no hand in the case."""
        at, profile = now(), self.cities.current()
        if not tickets.is_bad(score, profile):
            return
        draft = Ticket(
            ticket_id=derived_id("tkt", case.application_id, What.RATING),
            kind=Kind.COMPLAINT,
            channel=Channel.APP,
            about=About.SERVICE,
            state=State.CALL_BACK,
            received_at="",
            first_due_at="",
            due_at="",
            rule={},
            person_id=case.person_id,
            application_id=case.application_id,
            rating=score,
            hands=self._hands(case.application_id, case.person_id),
        )
        ends = profile.end_of(profile.tickets.call_back, city_day(at), rule_id="tickets.call_back")
        ticket = replace(dated(draft, profile, at, complex_one=False), call_due=stamp(ends.ends_at))
        self.kept.enter(
            ticket,
            [],
            actor=call.caller.actor(),
            # Whatever was rated how often: it is one call.
            fingerprint=What.RATING,
            next_at=_next(ticket, profile),
            counts={"received": 1, f"by_{ticket.channel}": 1, "bad": 1},
            told=_told(ticket),
        )

    def _hands(self, application_id: str, person_id: str) -> tuple[str, ...]:
        return tuple(sorted(hands_of(self.kept.ledger.of(application_id)) - {person_id}))

    def ask_about_data(
        self, person_id: str, topic: data_requests.Topic | None, call: Call[Any], *, by: Actor
    ) -> Row:
        """A question about one's own data, in the book of such requests."""
        if topic is None:
            raise FieldInvalid(FieldProblem("topic", "missing"))
        at, kind = now(), data_requests.Kind.QUESTION
        row = {
            "request_id": derived_id("ask", person_id, kind, call.idempotency_key),
            "person_id": person_id,
            "kind": kind,
            "state": data_requests.State.OPEN,
            "open_state": data_requests.State.OPEN,
            "made_at": stamp(at),
            "due_on": due_on(self.cities.current(), at),
            "about": {"topic": topic},
            "fingerprint": call.fingerprint,
            **({} if by.id == person_id else {"entered_by": by.id}),
        }
        kept = self.requests.enter(row, actor=by, act="data_question_asked")
        if kept["fingerprint"] != call.fingerprint:
            raise IdempotencyKeyReused
        return kept

    def mine(self, call: Call[Any]) -> MyTickets:
        person_id = call.caller.person_id
        own = [row_of(each) for each in self.kept.of_person(person_id, limit=MANY)]
        asked = [
            MyTicketRow(**_request(each)) for each in self.requests.of_person(person_id, limit=MANY)
        ]
        return MyTickets(
            tickets=sorted([*own, *asked], key=lambda each: each.received_at, reverse=True)
        )

    def one(self, call: Call[Any]) -> MyTicket:
        """One of mine with what was written. Raises TicketUnknown."""
        if call.path["ticket_id"].startswith(_ASKED_PREFIX):
            row = self.requests.read(call.path["ticket_id"])
            if row is None or row["person_id"] != call.caller.person_id:
                raise TicketUnknown
            return MyTicket(**_request(row), **_answer(row))
        kept = self._own(call)
        words = [written(piece, text) for piece, text in kept.opened()]
        return self.shown(kept.ticket).model_copy(update={"words": words})

    def add(self, call: Call[AddWords]) -> MyTicket:
        """Write something more; sent again with its key, it is there once. Raises TicketUnknown,
        TicketNotWaiting."""
        kept = self._own(call)
        ticket, name = kept.ticket, derived_id("wrd", kept.ticket.ticket_id, call.idempotency_key)
        if kept.has(name):
            return self.shown(kept.ticket)
        must_fit(Act.MESSAGE in tickets.acts_of_person(ticket, now()), ticket)
        if len(kept.pieces) >= tickets.WORDS_AT_MOST:
            raise TicketNotWaiting(state=ticket.state)
        piece = piece_of(ticket, name, What.MESSAGE, call.body.text, at=stamp(now()), by=PERSON)
        return self._moved(kept, call, "ticket_words_added", piece=piece)

    def withdraw(self, call: Call[Any]) -> MyTicket:
        """Take it back; taken back already, nothing changes. Raises TicketUnknown,
        TicketNotWaiting."""
        kept = self._own(call)
        if kept.ticket.ending == Ending.WITHDRAWN:
            return self.shown(kept.ticket)
        must_fit(Act.WITHDRAW in tickets.acts_of_person(kept.ticket, now()), kept.ticket)
        return self._moved(
            kept,
            call,
            "ticket_withdrawn",
            counts={"withdrawn": 1},
            state=State.CLOSED,
            ending=Ending.WITHDRAWN,
            closed_at=stamp(now()),
        )

    def rate(self, call: Call[RateAnswer]) -> MyTicket:
        """Rate the answer; a bad rating is called back. Raises TicketUnknown, TicketNotWaiting."""
        kept, said = self._own(call), call.body
        ticket, at, profile = kept.ticket, now(), self.cities.current()
        if ticket.rating == said.score:
            return self.shown(kept.ticket)
        must_fit(Act.RATE in tickets.acts_of_person(ticket, at), ticket)
        name = derived_id("wrd", ticket.ticket_id, What.RATING)
        text = said.text.strip()
        piece = piece_of(ticket, name, What.RATING, text, at=stamp(at), by=PERSON) if text else None
        counts = {"rated": 1, "score": said.score}
        if not tickets.is_bad(said.score, profile):
            return self._moved(
                kept, call, "ticket_rated", piece=piece, counts=counts, rating=said.score,
                state=State.CLOSED, ending=Ending.RATED, closed_at=stamp(at),
            )  # fmt: skip
        ends = profile.end_of(profile.tickets.call_back, city_day(at), rule_id="tickets.call_back")
        return self._moved(
            kept, call, "ticket_rated", piece=piece, counts=counts | {"bad": 1},
            rating=said.score, state=State.CALL_BACK, call_due=stamp(ends.ends_at),
            owner="", owner_role="",
        )  # fmt: skip

    def _moved(
        self, kept: Kept, call: Call[Any], act: str, *, piece: Piece | None = None, **changes: Any
    ) -> MyTicket:
        by = _writer(kept.ticket, call)
        profile = self.cities.current()
        return self.shown(move(self.kept, kept, profile, act=act, by=by, piece=piece, **changes))

    def _own(self, call: Call[Any]) -> Kept:
        kept = self.kept.read(call.path["ticket_id"])
        if kept is None or kept.ticket.person_id != call.caller.person_id:
            raise TicketUnknown
        return kept

    @staticmethod
    def shown(ticket: Ticket) -> MyTicket:
        """A ticket as whoever asked reads it, without what was written."""
        return MyTicket(
            **row_of(ticket).model_dump(exclude_none=True),
            first_due_at=ticket.first_due_at,
            first_answered_at=ticket.first_answered_at or None,
            answered_at=ticket.answered_at or None,
            rule=rule_shown(ticket),
            extended=extended_shown(ticket),
            late=late_shown(ticket),
            rating=ticket.rating or None,
            rate_until=ticket.rate_until or None,
            call_due_on=ticket.last_day.isoformat() if ticket.state == State.CALL_BACK else None,
            forwarded_text=say("outside", ticket.forwarded_to) if ticket.forwarded_to else None,
            ending_text=say("ending", ticket.ending) if ticket.ending else None,
            closed_at=ticket.closed_at or None,
            may=[str(each) for each in tickets.acts_of_person(ticket, now())],
            version=ticket.version,
        )


def dated(draft: Ticket, profile: CityProfile, at: datetime, *, complex_one: bool) -> Ticket:
    """A draft with its rule and the moments by which it is answered."""
    on = city_day(at)
    rule = tickets.rule_of(
        Kind(draft.kind), About(draft.about), profile, on, complex_one=complex_one
    )
    ends = tickets.ends_on(rule, on, profile).ends_at
    first = min(at + timedelta(hours=profile.tickets.first_answer_hours), ends)
    return replace(
        draft,
        received_at=stamp(at),
        first_due_at=stamp(first),
        due_at=stamp(ends),
        rule=rule._asdict(),
    )


def move(
    table: Tickets,
    kept: Kept,
    profile: CityProfile,
    *,
    act: str,
    by: Actor,
    piece: Piece | None = None,
    counts: Mapping[str, int] | None = None,
    told: Mapping[str, Any] | None = None,
    article: str = "",
    forget: bool = False,
    **changes: Any,
) -> Ticket:
    """Change a ticket, with its entry and what time brings next. Raises VersionConflict."""
    after = replace(kept.ticket, **changes)
    return table.change(
        kept,
        actor=by,
        act=act,
        at=stamp(now()),
        next_at="" if forget else _next(after, profile),
        told=told,
        rule=rule_of(profile.version, article),
        piece=piece,
        counts=counts,
        forget=forget,
        **changes,
    )


def tell(ticket: Ticket, template: str, expected_on: str = "") -> None:
    """A text message about a ticket that belongs to a case; who accuses gets none on a phone.

    A ticket without a case is told of on its page alone: texts go out for cases.
    """
    if not ticket.application_id or not ticket.person_id or ticket.kind == Kind.ACCUSATION:
        return
    message_id = derived_id("msg", ticket.ticket_id, template, ticket.version)
    values = {"expected_on": expected_on} if expected_on else {}
    Questions.from_env().ask(
        Question(
            kind="message_gateway",
            type="sms.ordered",
            request_id=derived_id("req", message_id),
            message_id=message_id,
            application_id=ticket.application_id,
            refs={
                "message_id": message_id,
                "template": template,
                "person_id": ticket.person_id,
                "values": values,
            },
        )
    )


def must_fit(fits: bool, ticket: Ticket) -> None:
    """Raises TicketNotWaiting for an act that does not fit the ticket as it stands."""
    if not fits:
        raise TicketNotWaiting(state=ticket.state)


def must_be_version(ticket: Ticket, version: int) -> None:
    if ticket.version != version:
        raise VersionConflict


def row_of(ticket: Ticket) -> MyTicketRow:
    return MyTicketRow(
        location=_location(ticket.ticket_id),
        ticket_id=ticket.ticket_id,
        kind=ticket.kind,
        kind_text=say("kind", ticket.kind),
        about_text=say("about", ticket.about),
        channel=ticket.channel,
        channel_text=say("channel", ticket.channel),
        state=ticket.state,
        state_text=say("state", ticket.state),
        received_at=ticket.received_at,
        due_on=ticket.last_day.isoformat() if ticket.is_owed() else None,
        answer_on=(tickets.answer_day(ticket).isoformat() if ticket.state == State.OPEN else None),
        is_late=ticket.is_late(now()),
        holder_text=_holder(ticket),
        application_id=ticket.application_id or None,
    )


def rule_shown(ticket: Ticket) -> TicketRule:
    rule = ticket.rule
    name = f"basis.{rule['rule_id']}"
    known = name if name in codes("tickets") else "basis.other"
    return TicketRule(**rule, text=say_in_both("tickets", known, n=rule["n"]))


def extended_shown(ticket: Ticket) -> TicketExtended | None:
    if not ticket.extended:
        return None
    because = str(ticket.extended["because"])
    return TicketExtended(**ticket.extended, because_text=say("because", because))


def late_shown(ticket: Ticket) -> TicketLate | None:
    """What was done about the time that ran out, as long as it is what is owed now."""
    if ticket.late.get("for") != ticket.owed_at or not ticket.is_owed():
        return None
    said = ticket.late
    text = {
        language: {name: part.format_map({"whom": whom}) for name, part in texts.items()}
        for (language, texts), whom in zip(
            say("late", str(said["because"])).items(), (said["whom"], said["whom_en"]), strict=True
        )
    }
    return TicketLate(at=said["at"], text=text, expected_on=said["expected_on"])


def written(piece: Piece, text: str) -> Written:
    return Written(
        what=piece.what,
        what_text=say("what", piece.what),
        at=piece.at,
        by=piece.by,
        by_text=say("by", piece.by),
        officer=piece.who or None,
        text=text,
    )


def say(part: str, code: str) -> Texts:
    """The words of a code; placeholders stay for whoever knows their values."""
    return say_in_both("tickets", f"{part}.{code}", whom="{whom}")


def opaque(staff_id: str) -> str:
    return officer(staff_id)


def _holder(ticket: Ticket) -> Texts | None:
    if not ticket.is_owed():
        return None
    return say("holder", ticket.owner_role or "nobody")


def _usual(kind: Kind) -> About:
    return About.VEHICLE_RECORD if kind is Kind.DATA_ERROR else About.OTHER


def _location(ticket_id: str) -> str:
    return f"/v1/me/tickets/{ticket_id}"


def _writer(ticket: Ticket, call: Call[Any]) -> Actor:
    """Who acts, as the ledger names them: who accuses is named in the ticket alone."""
    if ticket.kind == Kind.ACCUSATION:
        return Actor(role=_INFORMANT, id=ticket.ticket_id)
    return call.caller.actor()


def _told(ticket: Ticket) -> dict[str, Any]:
    """What the ledger tells of a new ticket; of an accusation not whom and what it is about."""
    said = {
        "kind": ticket.kind,
        "channel": ticket.channel,
        "first_due_at": ticket.first_due_at,
        "due_at": ticket.due_at,
        "rule": ticket.rule["rule_id"],
    }
    if ticket.kind == Kind.ACCUSATION:
        return said
    return said | {"about": ticket.about, "application_id": ticket.application_id}


def _next(ticket: Ticket, profile: CityProfile) -> str:
    step = tickets.next_step(ticket, profile)
    return stamp(step.at) if step else ""


_AS_STATE: Mapping[str, State] = {
    data_requests.State.OPEN: State.OPEN,
    data_requests.State.ANSWERED: State.ANSWERED,
    data_requests.State.APPEALED: State.OPEN,
    data_requests.State.CLOSED: State.CLOSED,
}


def _request(row: Mapping[str, Any]) -> dict[str, Any]:
    """A request about data as a line among the tickets."""
    state = _AS_STATE[data_requests.State(str(row["state"]))]
    topic = row.get("about", {}).get("topic")
    return {
        "location": _location(str(row["request_id"])),
        "ticket_id": row["request_id"],
        "kind": Kind.PRIVACY_REQUEST,
        "kind_text": say("kind", Kind.PRIVACY_REQUEST),
        "about_text": say("topic", topic) if topic else privacy_word("request", str(row["kind"])),
        "channel": Channel.COUNTER if row.get("entered_by") else Channel.APP,
        "channel_text": say("channel", Channel.COUNTER if row.get("entered_by") else Channel.APP),
        "state": state,
        "state_text": say("state", state),
        "received_at": row["made_at"],
        "due_on": row.get("due_on") if row.get("open_state") else None,
        "answer_on": row.get("due_on") if row.get("open_state") else None,
        "is_late": bool(row.get("open_state"))
        and str(row.get("due_on", "9999")) < city_day(now()).isoformat(),
        "holder_text": say("holder", "data_office") if row.get("open_state") else None,
    }


def _answer(row: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered to a request about data, and where to appeal it."""
    said = row.get("appeal_answer") or row.get("answer")
    refused = said and data_requests.may_appeal(str(row["state"]), str(said["outcome"]))
    return {
        "answered_at": said["at"] if said else None,
        "answer_text": privacy_word("answer", str(said["outcome"])) if said else None,
        "appeal": f"/v1/me/data-requests/{row['request_id']}/appeal" if refused else None,
    }


def _as_ticket(row: Row) -> TakenIn:
    ticket = MyTicket(**_request(row), **_answer(row))
    return TakenIn(location=ticket.location, ticket=ticket)
