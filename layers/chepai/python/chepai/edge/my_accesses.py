"""Who looked at my data: every reading in plain words, newest first, and a question about one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from chepai.domain import disclosure
from chepai.domain.data_requests import Doubt, Kind, State
from chepai.domain.facts import Agency
from chepai.domain.periods import LegalPeriod, Unit, city_day, deadline
from chepai.domain.profile import CityProfile
from chepai.domain.refusals import AccessUnknown, FieldInvalid, FieldProblem, IdempotencyKeyReused
from chepai.edge.api import Answer, Call
from chepai.edge.clock import now
from chepai.edge.ids import derived_id
from chepai.edge.texts import LANGUAGES, codes, say, say_in_both
from chepai.edge.views import Texts
from chepai.records.accesses import Accesses, chain_of
from chepai.records.applications import stamp
from chepai.records.cities import Cities
from chepai.records.data_requests import DataRequests
from chepai.records.seals import Seals
from chepai.records.table import Row

PAGE = 100
NEWEST = 2**53 - 1
QUERY: Mapping[str, str] = {"cursor": "`next` of the page before"}
AGENCY_FOR: Mapping[str, Agency] = {
    "identity": Agency.POLICE,
    "registration": Agency.REGISTER,
    "papers": Agency.PRINT_ROOM,
    "delivery": Agency.COURIER,
    "notice": Agency.MESSAGE_GATEWAY,
}
"""Which agency gets personal data for a purpose: a partner's own name says little to a person."""
_PLACE = re.compile(r"[1-9][0-9]{0,15}")


class Receiver(Answer):
    """Who got to see it; an officer by role and an opaque identifier the auditor resolves."""

    organisation: str | None = None
    role: str
    role_text: Texts
    officer: str | None = None


class Proof(Answer):
    """Where the entry stands in the sealed log, and the size of the checkpoint that holds it."""

    index: int
    checkpoint_size: int


class Seen(Answer):
    """One reading. `proof` is absent until the ledger is sealed, within a minute."""

    access_id: str
    at: str
    action: Texts
    receiver: Receiver
    purpose: str
    purpose_text: Texts
    fields: list[str]
    case: str | None = None
    proof: Proof | None = None


class Seens(Answer):
    """One page, newest first; `next` is the cursor of the following one."""

    accesses: list[Seen]
    next: str | None = None


@dataclass(frozen=True)
class MyAccesses:
    """The adapters that looking into the book takes."""

    book: Accesses

    @classmethod
    def from_env(cls) -> Self:
        return cls(Accesses())

    # Only a question is entered and has a day by which it is answered.

    @cached_property
    def requests(self) -> DataRequests:
        return DataRequests.from_env()

    @cached_property
    def seals(self) -> Seals:
        return Seals.from_env().for_views()

    @cached_property
    def cities(self) -> Cities:
        return Cities.from_env()

    def page(self, call: Call[Any]) -> Seens:
        """A page of who read what of the caller. Raises FieldInvalid for a strange cursor."""
        before = _place(call.query.get("cursor", ""), default=NEWEST)
        person_id = call.caller.person_id
        delays = disclosure.holds(self.book.delays(person_id))
        told: list[Row] = []
        more = True
        while more and len(told) <= PAGE:
            found = self.book.newest(person_id, before=before, limit=PAGE)
            told += [row for row in found if disclosure.is_told(row, delays, now())]
            more = len(found) == PAGE
            before = int(found[-1]["seq"]) if found else 0
        page = told[:PAGE]
        places = self._sealed(person_id, [int(row["seq"]) for row in page])
        return Seens(
            accesses=[_seen(row, person_id, places.get(int(row["seq"]))) for row in page],
            next=str(page[-1]["seq"]) if len(told) > PAGE else None,
        )

    def _sealed(self, person_id: str, seqs: list[int]) -> dict[int, tuple[int, int]]:
        """Which of these entries the last checkpoint holds: their index, and its size."""
        head = self.seals.head()
        if head is None or not seqs:
            return {}
        places = {f"leaf#{chain_of(person_id)}#{seq}": seq for seq in seqs}
        rows = self.seals.get_many([{"place": place} for place in places])
        return {
            places[str(row["place"])]: (int(row["index"]), head.size)
            for row in rows
            if int(row["index"]) < head.size
        }

    def question(self, call: Call[Any], doubt: Doubt) -> Row:
        """Ask about one access; asked again with the same key, it is the same question.

        Raises AccessUnknown for one that is not told, IdempotencyKeyReused.
        """
        person_id, at = call.caller.person_id, now()
        entry = self.book.one(person_id, _place(call.path["access_id"], default=0))
        delays = disclosure.holds(self.book.delays(person_id))
        if entry is None or not disclosure.is_told(entry, delays, at):
            raise AccessUnknown
        kind = Kind.ACCESS_QUESTION
        row = {
            "request_id": derived_id("ask", person_id, kind, call.idempotency_key),
            "person_id": person_id,
            "kind": kind,
            "state": State.OPEN,
            "open_state": State.OPEN,
            "made_at": stamp(at),
            "due_on": due_on(self.cities.current(), at),
            "about": {"access": int(entry["seq"]), "doubt": doubt},
            # Whoever looked does not say whether they might.
            "looked": str(entry["actor"].get("id", "")),
            "fingerprint": f"{call.path['access_id']}|{call.fingerprint}",
        }
        kept = self.requests.enter(row, actor=call.caller.actor(), act="access_questioned")
        if kept["fingerprint"] != row["fingerprint"]:
            raise IdempotencyKeyReused
        return kept


def due_on(profile: CityProfile, at: Any) -> str:
    """The day by which a request about one's data is answered (PIPL Art. 50)."""
    days = profile.privacy.answer_working_days
    period = LegalPeriod("PIPL-50", days, Unit.WORKDAY, "PIPL Art. 50")
    return deadline(period, city_day(at), profile.work_calendar).last_day.isoformat()


def _place(text: str, *, default: int) -> int:
    if not text:
        return default
    if not _PLACE.fullmatch(text):
        if default:
            raise FieldInvalid(FieldProblem("cursor", "malformed"))
        raise AccessUnknown
    return int(text)


def _seen(entry: Row, person_id: str, place: tuple[int, int] | None) -> Seen:
    one = disclosure.shown(entry, person_id)
    return Seen(
        access_id=str(one.seq),
        at=one.at,
        action=action(one),
        receiver=Receiver(
            organisation=one.organisation or None,
            role=one.role,
            role_text=word("role", one.role),
            officer=one.officer or None,
        ),
        purpose=one.purpose,
        purpose_text=word("purpose", one.purpose),
        fields=list(one.fields),
        case=one.case or None,
        proof=Proof(index=place[0], checkpoint_size=place[1]) if place else None,
    )


def action(one: disclosure.Access) -> Texts:
    """The reading in one plain sentence, in every language."""
    told: Texts = {}
    for language in LANGUAGES:
        comma = "、" if language == "zh-CN" else ", "
        names = [_title("field", each, language) for each in one.fields]
        role = _title("role", one.role, language)
        system = one.role == "system"
        who = receiver_text(one.organisation, one.purpose)[language]["title"] if system else role
        told[language] = say(
            "privacy",
            "read.by_me" if one.by_myself else "read",
            language,
            who=who,
            fields=comma.join(names),
            purpose=_title("purpose", one.purpose, language),
        )
    return told


def receiver_text(receiver: str, purpose: str) -> Texts:
    """Who got it, as people call them, and the partner's own name to ask by."""
    agency = AGENCY_FOR.get(purpose)
    told: Texts = {}
    for language in LANGUAGES:
        known = say("states", f"holder.agency:{agency}", language)["title"] if agency else ""
        own = f"（{receiver}）" if language == "zh-CN" else f" ({receiver})"
        told[language] = {"title": known + own if known and receiver else known or receiver}
    return told


def word(kind: str, code: str) -> Texts:
    """A code's words; one without any is shown as what is unknown rather than breaking a page."""
    entry = f"{kind}.{code}"
    return say_in_both("privacy", entry if entry in codes("privacy") else f"{kind}.other")


def _title(kind: str, code: str, language: str) -> str:
    entry = f"{kind}.{code}"
    return say("privacy", entry if entry in codes("privacy") else f"{kind}.other", language)[
        "title"
    ]
