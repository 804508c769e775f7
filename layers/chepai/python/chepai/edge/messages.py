"""My messages: told from the ledger entries of my own cases; there is no second book of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.life_cycle import Status
from chepai.edge.api import Answer
from chepai.edge.texts import codes, say_in_both
from chepai.edge.views import Texts
from chepai.records.applications import Applications

CASES_AT_MOST = 10
_WEIGHED: Mapping[str, str] = {
    Status.AWAITING_OWNER: "weighed_verified",
    Status.NEEDS_CORRECTION: "weighed_needs_correction",
    Status.AWAITING_SOURCE: "weighed_awaiting_source",
    Status.ON_SITE_REQUIRED: "weighed_on_site",
    Status.CONVERTED_ON_SITE: "weighed_suspicious",
}


class Message(Answer):
    """One thing that happened to a case of mine."""

    application_id: str
    at: str
    code: str
    texts: Texts


class Messages(Answer):
    """Newest first; `next` is the cursor of the following page."""

    messages: list[Message]
    next: str | None = None


@dataclass(frozen=True)
class Telling:
    """The adapter that messages take."""

    applications: Applications

    @classmethod
    def from_env(cls) -> Self:
        return cls(Applications.from_env())

    def page(self, person_id: str, *, limit: int, cursor: str) -> Messages:
        mine, _ = self.applications.page_of_person(person_id, limit=CASES_AT_MOST)
        told = [message for case in mine for message in self._of(case)]
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
    return f"{message.at}|{message.application_id}|{message.code}"
