"""Tickets at the desks: taken in by phone, counter or letter, claimed, answered, handed on, closed.

A list tells of no person: number, kind and times. What somebody wrote is opened for whoever holds
the ticket, or for a supervisor, after the reading is in the book of accesses. Whoever is
complained of, or had a hand in the case of a complaint, gets the answer for a ticket that is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chepai.domain import data_requests, tickets
from chepai.domain.periods import city_day
from chepai.domain.refusals import (
    FieldInvalid,
    FieldProblem,
    NotToExtend,
    TicketHeldByAnother,
    TicketUnknown,
)
from chepai.domain.supervision import hands_of
from chepai.domain.tickets import (
    SEE_ALL,
    About,
    Act,
    Because,
    Ending,
    Kind,
    State,
    Ticket,
    To,
    What,
)
from chepai.edge.api import Answer, Body, Call
from chepai.edge.clock import now
from chepai.edge.disclosing import COMPLAINT, Disclosing, reader
from chepai.edge.ids import derived_id
from chepai.edge.ticketing import (
    CaseNo,
    OfficerName,
    TicketExtended,
    Ticketing,
    TicketLate,
    TicketRule,
    Words,
    Written,
    extended_shown,
    late_shown,
    move,
    must_be_version,
    must_fit,
    opaque,
    rule_shown,
    say,
    tell,
    written,
)
from chepai.edge.views import Texts
from chepai.records.applications import stamp
from chepai.records.tickets import Kept, piece_of

AT_MOST = 50
MINE, UNASSIGNED, LATE = "mine", "unassigned", "late"
VIEWS = (MINE, UNASSIGNED, LATE)
QUERY: Mapping[str, str] = {
    "view": f"Which ones: {', '.join(VIEWS)}; {MINE} when left out",
}
Version = Annotated[int, Field(ge=1)]


class TakeInTicket(Body):
    """What somebody said at a counter, on the phone, or wrote in a letter.

    `application_id` ties it to a case and its owner; without one it is anonymous, and `contact`
    says how to reach whoever asks. With `answer` it is answered at once and goes to nobody else.
    """

    channel: Literal["phone", "counter", "letter"]
    kind: Kind
    about: About = About.OTHER
    text: Annotated[str, Field(max_length=2000)] = ""
    application_id: CaseNo | None = None
    contact: Annotated[str, Field(max_length=200)] = ""
    officer: OfficerName | None = None
    complex: bool = False
    answer: Annotated[str, Field(max_length=2000)] = ""
    topic: data_requests.Topic | None = None


class ClaimTicket(Body):
    """Take it up in the version that was read."""

    version: Version


class AnswerTicket(Body):
    """The first answer, or the final one."""

    text: Words
    final: bool
    version: Version


class ExtendTicket(Body):
    """More time, once, with the reason that the person reads."""

    because: Because
    text: Words
    version: Version


class HandOverTicket(Body):
    """To nobody in particular, to a supervisor, or to whom it concerns outside the office."""

    to: To
    organisation: Literal[
        "12345", "tax", "police", "insurer", "manufacturer", "lender", "courier", "highway",
        "other",
    ] | None = None  # fmt: skip
    text: Words
    version: Version


class CloseTicket(Body):
    """How it ended where it ends without a final answer, or after the call back."""

    ending: Literal["called_back", "said_twice", "nobody_reached"]
    text: Words
    version: Version


class DeskTicketRow(Answer):
    """A ticket in a list of staff: nothing of any person. `may` is what the caller can do."""

    ticket_id: str
    kind: str
    kind_text: Texts
    about: str
    about_text: Texts
    channel: str
    channel_text: Texts
    state: str
    state_text: Texts
    received_at: str
    owed: str
    owed_at: str
    owed_on: str
    is_late: bool
    reminded: bool
    raised: bool
    owner: str | None = None
    owner_text: Texts
    mine: bool
    may: list[str]
    version: int


class DeskTicket(DeskTicketRow):
    """One ticket with its days, their rule and, for who holds it, everything that was written."""

    first_due_at: str
    first_answered_at: str | None = None
    due_at: str
    due_on: str
    rule: TicketRule
    extended: TicketExtended | None = None
    late: TicketLate | None = None
    application_id: str | None = None
    anonymous: bool
    words: list[Written] | None = None
    rating: int | None = None
    forwarded_text: Texts | None = None
    ending_text: Texts | None = None
    answered_at: str | None = None
    closed_at: str | None = None


class DeskTickets(Answer):
    """One list, what is owed first in front."""

    view: str
    tickets: list[DeskTicketRow]


class TakenInAtDesk(Answer):
    """What became of what was taken in; a request about data is in the book of such requests."""

    ticket_id: str
    ticket: DeskTicketRow | None = None
    due_on: str | None = None


@dataclass(frozen=True)
class TicketDesk:
    """The adapters that working on tickets takes."""

    ticketing: Ticketing

    @classmethod
    def from_env(cls) -> Self:
        return cls(Ticketing.from_env())

    @cached_property
    def disclosing(self) -> Disclosing:
        return Disclosing()

    def take_in(self, call: Call[TakeInTicket]) -> TakenInAtDesk:
        """Enter what came by phone, at a counter or in a letter. Raises ApplicationUnknown,
        FieldInvalid."""
        said, me = call.body, call.caller
        by, case = reader(call), None
        if said.application_id:
            case = self.ticketing.applications.read(said.application_id)
            self.disclosing.case(call, case, COMPLAINT, ["case"])
        if said.kind is Kind.PRIVACY_REQUEST:
            if case is None:
                raise FieldInvalid(FieldProblem("application_id", "missing"))
            row = self.ticketing.ask_about_data(case.person_id, said.topic, call, by=by)
            return TakenInAtDesk(ticket_id=row["request_id"], due_on=row["due_on"])
        draft = Ticket(
            ticket_id=derived_id("tkt", me.id, call.idempotency_key),
            kind=said.kind,
            channel=said.channel,
            about=said.about,
            state=State.OPEN,
            received_at="",
            first_due_at="",
            due_at="",
            rule={},
            person_id=case.person_id if case else "",
            application_id=case.application_id if case else "",
            against=said.officer or "",
            entered_by=me.id,
        )
        answered, counts = self._answered_at_once(draft, said, call)
        texts = {What.ASKED: said.text, What.CONTACT: said.contact, What.ANSWER: said.answer}
        made = self.ticketing.enter(
            draft, texts, call, by=by, complex_one=said.complex, wrote=by.role,
            who=opaque(me.id), counts=counts, **answered,
        )  # fmt: skip
        if answered:
            tell(made, "ticket_answered")
        return TakenInAtDesk(
            ticket_id=made.ticket_id,
            ticket=self.row(made, call),
            due_on=made.last_day.isoformat() if made.is_owed() else None,
        )

    def _answered_at_once(
        self, draft: Ticket, said: TakeInTicket, call: Call[Any]
    ) -> tuple[dict[str, Any], dict[str, int]]:
        """What changes when the answer is given on the spot: no transfer, nobody waits."""
        if not said.answer.strip() or not tickets.may_see(draft, call.caller.roles):
            return {}, {}
        answered = self._answered(draft, call) | {"first_contact": True}
        first = {"first_answered_at": stamp(now()), "owner_role": reader(call).role}
        counts = {
            "answered": 1, "on_time": 1, "first_answered": 1, "first_on_time": 1,
            "first_contact": 1, f"h{tickets.class_of(0)}": 1,
        }  # fmt: skip
        return answered | first, counts

    def _answered(self, ticket: Ticket, call: Call[Any]) -> dict[str, Any]:
        """A final answer: it can be rated for some time, or ends it where nobody could rate."""
        at = now()
        said = {"answered_at": stamp(at), "answered_by": call.caller.id}
        if not ticket.person_id:
            closed = {"state": State.CLOSED, "ending": Ending.ANSWERED, "closed_at": stamp(at)}
            return said | closed
        profile = self.ticketing.cities.current()
        ends = profile.end_of(profile.tickets.rating, city_day(at), rule_id="tickets.rating")
        return said | {"state": State.ANSWERED, "rate_until": stamp(ends.ends_at)}

    def listed(self, call: Call[Any]) -> DeskTickets:
        """A list of the caller's desk. Raises FieldInvalid for a view that is none."""
        view, me = call.query.get("view", MINE), call.caller
        if view not in VIEWS or set(call.query) - {"view"}:
            raise FieldInvalid(FieldProblem("view", "not_a_choice"))
        table = self.ticketing.kept
        match view:
            case "mine":
                found = table.in_queue(me.id, limit=AT_MOST)
            case "late":
                found = table.late(limit=AT_MOST)
            case _:
                queues = tickets.queues_of(me.roles)
                found = [one for each in queues for one in table.in_queue(each, limit=AT_MOST)]
        seen = [one for one in found if self._may_see(one, call)]
        if view == LATE and not SEE_ALL & me.roles:
            seen = [one for one in seen if one.owner in {"", me.id}]
        seen.sort(key=lambda one: one.owed_at)
        return DeskTickets(view=view, tickets=[self.row(one, call) for one in seen[:AT_MOST]])

    def one(self, call: Call[Any]) -> DeskTicket:
        """One ticket, after its reading is entered. Raises TicketUnknown."""
        kept = self._visible(call)
        ticket = kept.ticket
        opens = self._opens(ticket, call)
        if ticket.person_id:
            fields = ["ticket", *(["case"] if ticket.application_id else [])]
            self.disclosing.person(
                call, ticket.person_id, COMPLAINT, fields, case=ticket.application_id
            )
        elif opens:
            self.disclosing.nobodys(call, ticket.ticket_id, COMPLAINT, ["ticket"])
        words = [written(piece, text) for piece, text in kept.opened()] if opens else None
        return self._whole(ticket, call, words)

    def claim(self, call: Call[ClaimTicket]) -> DeskTicketRow:
        """Take it up; a supervisor may take it from whoever holds it. Raises TicketUnknown,
        TicketHeldByAnother, TicketNotWaiting, VersionConflict."""
        kept = self._visible(call)
        ticket, me = kept.ticket, call.caller
        if ticket.is_owed() and ticket.owner == me.id:
            return self.row(ticket, call)
        if ticket.owner and not SEE_ALL & me.roles:
            raise TicketHeldByAnother
        self._must_be_theirs(kept, call, Act.CLAIM)
        by = reader(call)
        return self._done(kept, call, "ticket_claimed", owner=me.id, owner_role=by.role,
                          told={"taken_from": ticket.owner})  # fmt: skip

    def answer(self, call: Call[AnswerTicket]) -> DeskTicketRow:
        """The first or the final answer. Raises TicketUnknown, TicketHeldByAnother,
        TicketNotWaiting, VersionConflict."""
        kept, said, at = self._visible(call), call.body, now()
        ticket = kept.ticket
        self._must_be_theirs(kept, call, Act.ANSWER)
        must_fit(said.final or not ticket.first_answered_at, ticket)
        counts: dict[str, int] = {}
        changes: dict[str, Any] = {}
        if not ticket.first_answered_at:
            changes["first_answered_at"] = stamp(at)
            counts = {"first_answered": 1}
            if at < tickets.moment(ticket.first_due_at):
                counts["first_on_time"] = 1
        if said.final:
            changes |= self._answered(ticket, call)
            took = (at - tickets.moment(ticket.received_at)).total_seconds()
            counts |= {"answered": 1, f"h{tickets.class_of(took)}": 1}
            if at < tickets.moment(ticket.due_at):
                counts["on_time"] = 1
        what = What.ANSWER if said.final else What.FIRST_ANSWER
        made = self._done(
            kept, call, "ticket_answered" if said.final else "ticket_first_answered",
            what=what, text=said.text, counts=counts, **changes,
        )  # fmt: skip
        if said.final:
            tell(ticket, "ticket_answered")
        return made

    def extend(self, call: Call[ExtendTicket]) -> DeskTicketRow:
        """More time, once. Raises TicketUnknown, TicketHeldByAnother, NotToExtend,
        VersionConflict."""
        kept, said, at = self._visible(call), call.body, now()
        ticket, profile = kept.ticket, self.ticketing.cities.current()
        self._must_be_theirs(kept, call, Act.ANSWER)
        if not tickets.may_extend(ticket, at):
            raise NotToExtend
        was = tickets.answer_day(ticket)
        ends = profile.end_of(profile.tickets.extension, was, rule_id="tickets.extension")
        extended: dict[str, Any] = {
            "from_day": was.isoformat(),
            "to_day": ends.last_day.isoformat(),
            "because": said.because,
            "at": stamp(at),
        }
        made = self._done(
            kept, call, "ticket_extended", what=What.EXTENSION, text=said.text,
            counts={"extended": 1}, told={"because": said.because, "due_on": extended["to_day"]},
            extended=extended, due_at=stamp(ends.ends_at),
        )  # fmt: skip
        tell(ticket, "ticket_extended", extended["to_day"])
        return made

    def hand_over(self, call: Call[HandOverTicket]) -> DeskTicketRow:
        """Hand it on. Raises TicketUnknown, TicketHeldByAnother, FieldInvalid, VersionConflict."""
        kept, said = self._visible(call), call.body
        self._must_be_theirs(kept, call, Act.HAND_OVER)
        if (said.to is To.OUTSIDE) != (said.organisation is not None):
            raise FieldInvalid(FieldProblem("organisation", "missing"))
        changes: dict[str, Any] = {"owner": "", "owner_role": ""}
        counts: dict[str, int] = {}
        if said.to is To.SUPERVISOR:
            changes["raised"] = True
        elif said.to is To.OUTSIDE:
            must_fit(kept.ticket.state == State.OPEN, kept.ticket)
            counts = {"forwarded": 1}
            changes = {"state": State.CLOSED, "ending": Ending.FORWARDED,
                       "forwarded_to": said.organisation, "closed_at": stamp(now())}  # fmt: skip
        made = self._done(
            kept, call, "ticket_handed_over", what=What.HAND_OVER, text=said.text, counts=counts,
            told={"to": said.to, "organisation": said.organisation or ""}, **changes,
        )  # fmt: skip
        if said.to is To.OUTSIDE:
            tell(kept.ticket, "ticket_forwarded")
        return made

    def close(self, call: Call[CloseTicket]) -> DeskTicketRow:
        """Close it after the call back, or where no answer can be given. Raises TicketUnknown,
        TicketHeldByAnother, TicketNotWaiting, VersionConflict."""
        kept, said = self._visible(call), call.body
        self._must_be_theirs(kept, call, Act.CLOSE)
        must_fit(tickets.may_end(kept.ticket, Ending(said.ending)), kept.ticket)
        return self._done(
            kept, call, "ticket_closed", what=What.CLOSURE, text=said.text,
            counts={said.ending: 1}, told={"ending": said.ending},
            state=State.CLOSED, ending=Ending(said.ending), closed_at=stamp(now()),
        )  # fmt: skip

    def _done(
        self,
        kept: Kept,
        call: Call[Any],
        act: str,
        *,
        what: What | None = None,
        text: str = "",
        counts: Mapping[str, int] | None = None,
        told: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> DeskTicketRow:
        by, ticket = reader(call), kept.ticket
        piece = None
        if what:
            name = derived_id("wrd", ticket.ticket_id, ticket.version, what)
            piece = piece_of(
                ticket, name, what, text.strip(), at=stamp(now()), by=by.role, who=opaque(by.id)
            )
        after = move(
            self.ticketing.kept, kept, self.ticketing.cities.current(), act=act, by=by,
            piece=piece, counts=counts, told=told, **changes,
        )  # fmt: skip
        return self.row(after, call)

    def _must_be_theirs(self, kept: Kept, call: Call[Any], act: Act) -> None:
        """Hold an act to the version read, the state, its owner, and whoever has no part in it."""
        ticket, me = kept.ticket, call.caller
        must_fit(ticket.is_owed(), ticket)
        if act is not Act.CLAIM and ticket.owner != me.id:
            raise TicketHeldByAnother
        if tickets.needs_distance(ticket):
            # Somebody may have had a hand in the case since the ticket came in.
            hands = hands_of(self.ticketing.kept.ledger.of(ticket.application_id))
            if any(tickets.interested(ticket, each, hands) for each in me.themselves):
                raise TicketUnknown
        must_be_version(ticket, call.body.version)
        must_fit(act in tickets.acts_of_staff(ticket, me.id, me.roles, now()), ticket)

    def _visible(self, call: Call[Any]) -> Kept:
        kept = self.ticketing.kept.read(call.path["ticket_id"])
        if kept is None or not self._may_see(kept.ticket, call):
            raise TicketUnknown
        return kept

    @staticmethod
    def _may_see(ticket: Ticket, call: Call[Any]) -> bool:
        me = call.caller
        mine = any(tickets.interested(ticket, each) for each in me.themselves)
        return tickets.may_see(ticket, me.roles) and not mine

    @staticmethod
    def _opens(ticket: Ticket, call: Call[Any]) -> bool:
        """Whether the caller reads what was written: who holds it, or a supervisor."""
        return ticket.owner == call.caller.id or bool(SEE_ALL & call.caller.roles)

    def row(self, ticket: Ticket, call: Call[Any]) -> DeskTicketRow:
        return DeskTicketRow(**self._line(ticket, call))

    def _whole(self, ticket: Ticket, call: Call[Any], words: list[Written] | None) -> DeskTicket:
        return DeskTicket(
            **self._line(ticket, call),
            first_due_at=ticket.first_due_at,
            first_answered_at=ticket.first_answered_at or None,
            due_at=ticket.due_at,
            due_on=tickets.answer_day(ticket).isoformat(),
            rule=rule_shown(ticket),
            extended=extended_shown(ticket),
            late=late_shown(ticket),
            application_id=ticket.application_id or None,
            anonymous=not ticket.person_id,
            words=words,
            rating=ticket.rating or None,
            forwarded_text=say("outside", ticket.forwarded_to) if ticket.forwarded_to else None,
            ending_text=say("ending", ticket.ending) if ticket.ending else None,
            answered_at=ticket.answered_at or None,
            closed_at=ticket.closed_at or None,
        )

    @staticmethod
    def _line(ticket: Ticket, call: Call[Any]) -> dict[str, Any]:
        me, at = call.caller, now()
        return {
            "ticket_id": ticket.ticket_id,
            "kind": ticket.kind,
            "kind_text": say("kind", ticket.kind),
            "about": ticket.about,
            "about_text": say("about", ticket.about),
            "channel": ticket.channel,
            "channel_text": say("channel", ticket.channel),
            "state": ticket.state,
            "state_text": say("state", ticket.state),
            "received_at": ticket.received_at,
            "owed": ticket.owed,
            "owed_at": ticket.owed_at,
            "owed_on": ticket.last_day.isoformat(),
            "is_late": ticket.is_late(at),
            "reminded": bool(ticket.reminded_at),
            "raised": ticket.raised,
            "owner": ticket.owner or None,
            "owner_text": say("holder", ticket.owner_role or "nobody"),
            "mine": ticket.owner == me.id,
            "may": [str(each) for each in tickets.acts_of_staff(ticket, me.id, me.roles, at)],
            "version": ticket.version,
        }
