"""My messages: told from the ledger of my own cases and from my tickets, and kept nowhere else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from chepai.domain import tickets
from chepai.domain.application import Application
from chepai.domain.life_cycle import Status
from chepai.domain.tickets import Ticket, Told
from chepai.edge.api import Answer
from chepai.edge.texts import codes, say_in_both
from chepai.edge.views import Texts
from chepai.records.applications import Applications
from chepai.records.tickets import Tickets

CASES_AT_MOST = 10
TICKETS_AT_MOST = 20
_WEIGHED: Mapping[str, str] = {
    Status.AWAITING_OWNER: "weighed_verified",
    Status.NEEDS_CORRECTION: "weighed_needs_correction",
    Status.AWAITING_SOURCE: "weighed_awaiting_source",
    Status.ON_SITE_REQUIRED: "weighed_on_site",
    Status.CONVERTED_ON_SITE: "weighed_suspicious",
}


class Message(Answer):
    """One thing that happened to a case of mine, or to what I asked or complained about."""

    application_id: str | None = None
    ticket_id: str | None = None
    at: str
    code: str
    texts: Texts


class Messages(Answer):
    """Newest first; `next` is the cursor of the following page."""

    messages: list[Message]
    next: str | None = None


@dataclass(frozen=True)
class Telling:
    """The adapters that messages take."""

    applications: Applications
    tickets: Tickets

    @classmethod
    def from_env(cls) -> Self:
        return cls(Applications.from_env(), Tickets.from_env())

    def page(self, person_id: str, *, limit: int, cursor: str) -> Messages:
        mine, _ = self.applications.page_of_person(person_id, limit=CASES_AT_MOST)
        told = [message for case in mine for message in self._of(case)]
        for ticket in self.tickets.of_person(person_id, limit=TICKETS_AT_MOST):
            told += [_of_ticket(ticket, each) for each in tickets.told(ticket)]
        told.sort(key=_place, reverse=True)
        rest = [each for each in told if not cursor or _place(each) < cursor]
        page = rest[:limit]
        return Messages(messages=page, next=_place(page[-1]) if len(rest) > limit else None)

    def _of(self, application: Application) -> Iterator[Message]:
        known = codes("notices")
        for entry in self.applications.ledger.of(application.application_id):
            code = notice_of(entry)
            if code in known:
                after = entry.get("to", {})
                values = {
                    "number": after.get("number", application.number),
                    "legal_end": after.get("legal_end", application.legal_end),
                    "expected_on": after.get("expected_on", ""),
                }
                yield Message(
                    application_id=application.application_id,
                    at=entry["at"],
                    code=code,
                    texts=say_in_both("notices", code, **values),
                )


def _of_ticket(ticket: Ticket, said: Told) -> Message:
    return Message(
        application_id=ticket.application_id or None,
        ticket_id=ticket.ticket_id,
        at=said.at,
        code=said.code,
        texts=say_in_both("notices", said.code, expected_on=said.expected_on),
    )


def notice_of(entry: Mapping[str, Any]) -> str:
    """The notice of a ledger entry; acts that the owner need not know of have none."""
    status = entry.get("to", {}).get("status", "")
    match entry["act"]:
        case "weighed":
            return _WEIGHED.get(status, "weighed")
        case "ended":
            return f"ended_{status}"
        case "withdrawn_by_office":
            return f"withdrawn_by_office.{entry.get('to', {}).get('reason', '')}"
    return str(entry["act"])


def _place(message: Message) -> str:
    return f"{message.at}|{message.ticket_id or message.application_id}|{message.code}"
