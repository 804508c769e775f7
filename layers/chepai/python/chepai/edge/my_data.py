"""My data: a copy of it, its erasure and restriction, and consents (PIPL Arts 13-15, 44-48)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from chepai.domain import personal_data
from chepai.domain.data_requests import Kind, Outcome, State
from chepai.domain.ledger import SYSTEM, Actor
from chepai.domain.personal_data import KIND_OF, OWN_COPY, PURPOSES, Erasure
from chepai.domain.refusals import (
    ConsentNotNeeded,
    IdempotencyKeyReused,
    IdentityTooWeak,
    IdentityUnknown,
)
from chepai.edge.api import Answer, Call
from chepai.edge.clock import now
from chepai.edge.confirming import STRONG
from chepai.edge.data_requests import Asked, asked
from chepai.edge.ids import derived_id
from chepai.edge.my_accesses import receiver_text, word
from chepai.edge.views import Texts
from chepai.records.accesses import Accesses, Purpose
from chepai.records.applications import Applications, stamp
from chepai.records.data_requests import DataRequests
from chepai.records.people import People, PersonUnknown
from chepai.records.table import Row

READINGS_AT_MOST = 1000
"""How far back a copy counts who got what; the list of accesses goes back to the beginning."""

CONSENTS = ("satisfaction_research", "insurance_push")
"""Extras, each asked for by itself (PIPL Art. 14); statutory acts need none (Art. 13 (3))."""


class Given(Answer):
    """Who got fields of mine, for what and how often."""

    receiver: str
    receiver_text: Texts
    purpose: str
    purpose_text: Texts
    fields: list[str]
    times: int
    last_at: str


class Held(Answer):
    """One field: its text, what it is for, on which ground and how long it is kept."""

    field: str
    name: Texts
    text: str
    purposes: list[Texts]
    ground: Texts
    kept: Texts


class Consented(Answer):
    """What I said to an extra; `given` false is as good as nothing said."""

    purpose: str
    text: Texts
    given: bool
    at: str | None = None


class Copy(Answer):
    """A copy of everything that is kept of me, for taking along (PIPL Art. 45)."""

    person_id: str
    fields: list[Held]
    elsewhere: list[Texts]
    applications: list[str]
    received_by: list[Given]
    consents: list[Consented]
    stored_only_since: str | None = None
    rights: Texts


@dataclass(frozen=True)
class MyData:
    """The adapters that a person's rights take."""

    people: People
    book: Accesses

    @classmethod
    def from_env(cls) -> Self:
        return cls(People.from_env(), Accesses())

    # A consent needs neither, a copy enters no request: each knows only what it may touch.

    @cached_property
    def applications(self) -> Applications:
        return Applications.from_env()

    @cached_property
    def requests(self) -> DataRequests:
        return DataRequests.from_env()

    def copy(self, call: Call[Any]) -> Copy:
        """Everything kept of the caller, in plain text: only after a strong sign-in.

        Raises IdentityTooWeak, IdentityUnknown.
        """
        if call.caller.assurance != STRONG:
            raise IdentityTooWeak
        person_id = call.caller.person_id
        row = self._row(person_id)
        received = _received(self.book.newest(person_id, before=2**53 - 1, limit=READINGS_AT_MOST))
        texts: Mapping[str, str] = {}
        if row["fields"]:
            why = Purpose(OWN_COPY, "", "")
            by = call.caller.actor()
            texts = self.people.read(person_id, row["fields"], actor=by, purpose=why)
        cases = [each.application_id for each in self.applications.of_person(person_id)]
        return Copy(
            person_id=person_id,
            fields=[_held(field, text) for field, text in texts.items()],
            elsewhere=[word("elsewhere", each) for each in ("cases", "facts", "ledger", "tickets")],
            applications=cases,
            received_by=received,
            consents=_consents(row),
            stored_only_since=row.get("store_only_since"),
            rights=word("rights", "all"),
        )

    def erase(self, call: Call[Any]) -> Asked:
        """Erase what may go, now; what must stay is stored and not used otherwise.

        What is erased never comes back, so it takes the sign-in that a signature takes. Raises
        IdentityTooWeak, IdentityUnknown, IdempotencyKeyReused.
        """
        if call.caller.assurance != STRONG:
            raise IdentityTooWeak
        person_id, at = call.caller.person_id, now()
        known = self._before(call, Kind.ERASURE)
        row = self._row(person_id)
        if known:
            if str(row.get("kept_at", "")) < str(known["made_at"]):
                # The first try may have ended between its entry and the act.
                self.people.forget(person_id, known.get("erased", ()))
            return asked(known)
        cases = self.applications.of_person(person_id)
        planned = personal_data.erasure(
            row["fields"], cases, banned=str(row.get("banned_until", "")) > stamp(at)
        )
        said = self._entered(call, Kind.ERASURE, planned, "data_erased")
        self.people.forget(person_id, planned.erased)
        if planned.stored and not any(personal_data.is_open(case) for case in cases):
            self.people.store_only(person_id, at)
        return said

    def restrict(self, call: Call[Any], *, lifted: bool) -> Asked:
        """Have one's data stored and not used, or end that; an open case goes on being worked."""
        person_id, at = call.caller.person_id, now()
        known = self._before(call, Kind.RESTRICTION)
        if known:
            return asked(known)
        row = self._row(person_id)
        cases = self.applications.of_person(person_id)
        held = personal_data.erasure(row["fields"], cases, banned=False).stored
        in_use = tuple(each for each in held if each.why is personal_data.Why.OPEN_CASE)
        if not in_use:
            self.people.store_only(person_id, None if lifted else at)
        act = "data_restriction_lifted" if lifted else "data_restricted"
        return self._entered(call, Kind.RESTRICTION, Erasure((), in_use), act)

    def consent(self, call: Call[Any], *, given: bool) -> Consented:
        """Keep what the caller says to an extra. Raises ConsentNotNeeded, IdentityUnknown."""
        purpose, at = call.path["purpose"], stamp(now())
        if purpose not in CONSENTS:
            raise ConsentNotNeeded
        said = {"given": "yes" if given else "no", "at": at}
        person_id = call.caller.person_id
        act = "consent_given" if given else "consent_withdrawn"
        self.book.append(person_id, act, {"purpose": purpose}, actor=call.caller.actor())
        try:
            self.people.consent(person_id, purpose, said)
        except PersonUnknown:
            raise IdentityUnknown from None
        return Consented(purpose=purpose, text=word("consent", purpose), given=given, at=at)

    def _row(self, person_id: str) -> Row:
        row = self.people.open_row(person_id)
        if row is None:
            raise IdentityUnknown
        return row

    def _before(self, call: Call[Any], kind: Kind) -> Row | None:
        known = self.requests.read(_request_id(call, kind))
        if known and known["fingerprint"] != call.fingerprint:
            raise IdempotencyKeyReused
        return known

    def _entered(self, call: Call[Any], kind: Kind, planned: Erasure, act: str) -> Asked:
        at = stamp(now())
        outcome = Outcome.DONE if planned.whole else Outcome.REFUSED
        if planned.stored and planned.erased:
            outcome = Outcome.PARTLY_DONE
        stored = [{"field": e.field, "why": e.why.value} for e in planned.stored]
        row = {
            "request_id": _request_id(call, kind),
            "person_id": call.caller.person_id,
            "kind": kind,
            "state": State.ANSWERED,
            "made_at": at,
            "about": {"erased": list(planned.erased), "stored": stored},
            "erased": list(planned.erased),
            "stored": stored,
            # Decided by the rule alone: an appeal is looked at by a person (PIPL Art. 24).
            "answer": {"outcome": outcome, "at": at, "role": SYSTEM},
            "fingerprint": call.fingerprint,
        }
        by: Actor = call.caller.actor()
        return asked(self.requests.enter(row, actor=by, act=act))


def _request_id(call: Call[Any], kind: Kind) -> str:
    return derived_id("ask", call.caller.person_id, kind, call.idempotency_key)


def _held(field: str, text: str) -> Held:
    return Held(
        field=field,
        name=word("field", field),
        text=text,
        purposes=[word("purpose", each) for each in PURPOSES[field]],
        ground=word("ground", KIND_OF[field]),
        kept=word("kept", KIND_OF[field]),
    )


def _received(entries: list[Row]) -> list[Given]:
    """Which organisation got which fields for what; officers are in the list of accesses."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in entries:
        said = entry.get("to", {})
        receiver, purpose = str(said.get("receiver", "")), str(said.get("purpose", ""))
        if entry["act"] != "read" or not receiver or entry["actor"].get("role") != SYSTEM:
            continue
        one = found.setdefault((receiver, purpose), {"fields": set(), "times": 0, "at": ""})
        one["fields"] |= set(said.get("fields", ()))
        one["times"] += 1
        one["at"] = max(one["at"], str(entry["at"]))
    return [
        Given(
            receiver=receiver,
            receiver_text=receiver_text(receiver, purpose),
            purpose=purpose,
            purpose_text=word("purpose", purpose),
            fields=sorted(one["fields"]),
            times=one["times"],
            last_at=one["at"],
        )
        for (receiver, purpose), one in sorted(found.items())
    ]


def _consents(row: Row) -> list[Consented]:
    said: Mapping[str, Any] = row.get("consents", {})
    return [
        Consented(
            purpose=each,
            text=word("consent", each),
            given=said.get(each, {}).get("given") == "yes",
            at=said.get(each, {}).get("at"),
        )
        for each in CONSENTS
    ]
