"""Requests about one's own data: read, appealed, and answered by the office (PIPL Art. 50)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from chepai.domain.data_requests import Outcome, State, answers_to, may_appeal
from chepai.domain.disclosure import officer
from chepai.domain.refusals import DataRequestUnknown, NotToAnswer, NotToAppeal
from chepai.edge.api import Answer, Call
from chepai.edge.clock import now
from chepai.edge.disclosing import Disclosing, reader
from chepai.edge.my_accesses import due_on, word
from chepai.edge.views import Texts
from chepai.records.applications import stamp
from chepai.records.cities import Cities
from chepai.records.data_requests import DataRequests
from chepai.records.table import Row

MANY = 100


class StoredField(Answer):
    """A field that stays, and why."""

    field: str
    why: str
    text: Texts


class Answered(Answer):
    """What the office answered, by a role and an officer that only the auditor resolves."""

    outcome: str
    text: Texts
    at: str
    role: str | None = None
    officer: str | None = None


class Asked(Answer):
    """One request with its answer; `appeal` says how to go on where the answer is no."""

    location: str
    request_id: str
    kind: str
    kind_text: Texts
    state: str
    made_at: str
    due_on: str | None = None
    access: str | None = None
    doubt: str | None = None
    erased: list[str] | None = None
    stored: list[StoredField] | None = None
    answer: Answered | None = None
    appeal: Texts | None = None
    appealed_at: str | None = None
    appeal_answer: Answered | None = None


class AskedAll(Answer):
    """My requests, newest first."""

    requests: list[Asked]


class OnDuty(Asked):
    """A request as whoever answers it sees it."""

    person_id: str


class Duties(Answer):
    """What waits for an answer, the one due first in front."""

    requests: list[OnDuty]


@dataclass(frozen=True)
class Requests:
    """The adapters that requests take."""

    kept: DataRequests
    disclosing: Disclosing

    @classmethod
    def from_env(cls) -> Self:
        return cls(DataRequests.from_env(), Disclosing())

    @cached_property
    def cities(self) -> Cities:
        # Only an appeal has a day by which it is answered.
        return Cities.from_env()

    def mine(self, call: Call[Any]) -> AskedAll:
        rows = self.kept.of_person(call.caller.person_id, limit=MANY)
        return AskedAll(requests=[asked(row) for row in rows])

    def appeal(self, call: Call[Any]) -> Asked:
        """Have an answer that says no decided once more. Raises NotToAppeal."""
        before, at = self._own(call), now()
        if not may_appeal(str(before["state"]), str(before.get("answer", {}).get("outcome", ""))):
            raise NotToAppeal
        due = due_on(self.cities.current(), at)
        moved = {
            "state": State.APPEALED,
            "open_state": State.OPEN,
            "due_on": due,
            "appealed_at": stamp(at),
        }
        said = {"due_on": due}
        by = call.caller.actor()
        return asked(self.kept.move(before, moved, said, actor=by, act="data_request_appealed"))

    def waiting(self, call: Call[Any]) -> Duties:
        """What the caller may answer; each person named has a line in the book of accesses."""
        # One's own is answered by a colleague, and not read before it.
        rows = [
            row
            for row in self.kept.waiting(State.OPEN, limit=MANY)
            if row["person_id"] != call.caller.citizen
        ]
        for row in rows:
            self.disclosing.person(
                call, str(row["person_id"]), "data_request", ["request"], case=""
            )
        return Duties(requests=[on_duty(row) for row in rows])

    def answer(self, call: Call[Any], outcome: Outcome) -> OnDuty:
        """Answer a request. Raises DataRequestUnknown, NotToAnswer."""
        before, at = self._any(call), now()
        state, kind = str(before["state"]), str(before["kind"])
        if outcome not in answers_to(kind, state) or call.caller.themselves & _hands(before):
            raise NotToAnswer
        by = reader(call)
        # Who answered is in the ledger and, for the second decision, in the row; never in a reply.
        told = {"outcome": outcome, "at": stamp(at), "role": by.role, "by": by.id}
        appealed = state == State.APPEALED
        moved: dict[str, Any] = {
            "appeal_answer" if appealed else "answer": told,
            "state": State.CLOSED if appealed else State.ANSWERED,
            "open_state": None,
        }
        self.disclosing.person(call, str(before["person_id"]), "data_request", ["request"])
        kept = self.kept.move(
            before, moved, {"outcome": outcome}, actor=by, act="data_request_answered"
        )
        return on_duty({k: v for k, v in kept.items() if v is not None})

    def _own(self, call: Call[Any]) -> Row:
        row = self._any(call)
        if row["person_id"] != call.caller.person_id:
            raise DataRequestUnknown
        return row

    def _any(self, call: Call[Any]) -> Row:
        row = self.kept.read(call.path["request_id"])
        if row is None:
            raise DataRequestUnknown
        return row


def _hands(row: Row) -> set[str]:
    """Who does not answer: the person, who looked, who entered it, and who answered before."""
    first = row.get("answer", {}).get("by", "")
    return {str(row.get(name, "")) for name in ("person_id", "looked", "entered_by")} | {str(first)}


def asked(row: Mapping[str, Any]) -> Asked:
    return Asked(**_parts(row))


def on_duty(row: Mapping[str, Any]) -> OnDuty:
    return OnDuty(**_parts(row), person_id=row["person_id"])


def _parts(row: Mapping[str, Any]) -> dict[str, Any]:
    about, answer = row.get("about", {}), row.get("answer")
    open_to_appeal = answer and may_appeal(str(row["state"]), str(answer["outcome"]))
    return {
        "location": f"/v1/me/data-requests/{row['request_id']}",
        "request_id": row["request_id"],
        "kind": row["kind"],
        "kind_text": word("request", str(row["kind"])),
        "state": row["state"],
        "made_at": row["made_at"],
        "due_on": row.get("due_on") if row.get("open_state") else None,
        "access": str(about["access"]) if "access" in about else None,
        "doubt": about.get("doubt"),
        "erased": row.get("erased"),
        "stored": [
            StoredField(field=each["field"], why=each["why"], text=word("why", str(each["why"])))
            for each in row.get("stored", ())
        ]
        or None,
        "answer": _answered(answer),
        "appeal": word("appeal", str(row["kind"])) if open_to_appeal else None,
        "appealed_at": row.get("appealed_at"),
        "appeal_answer": _answered(row.get("appeal_answer")),
    }


def _answered(said: Mapping[str, Any] | None) -> Answered | None:
    if not said:
        return None
    return Answered(
        outcome=said["outcome"],
        text=word("answer", str(said["outcome"])),
        at=said["at"],
        role=said.get("role"),
        officer=officer(str(said["by"])) if said.get("by") else None,
    )
