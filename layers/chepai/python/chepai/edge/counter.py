"""One-to-one at a counter: a session opens on a reading of the person's card, and ends by itself.

Who came is what the police say of the card that was read just now at this desk; the clerk says
nothing of it but which reading it was. Inside, the clerk uses the citizen's own routes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chepai.domain import counter
from chepai.domain.facts import Fact, FactKind, about_person
from chepai.domain.ledger import Actor
from chepai.domain.periods import city_day
from chepai.domain.profile import Counter
from chepai.domain.refusals import (
    CounterCodeUnknown,
    FieldInvalid,
    FieldProblem,
    ReadingUnknown,
    SessionOpen,
    SessionOver,
)
from chepai.edge.api import Answer, Body, Call
from chepai.edge.clock import now
from chepai.edge.continuing import case_behind
from chepai.edge.disclosing import COUNTER, Disclosing
from chepai.edge.ids import derived_id
from chepai.edge.powers import PersonId
from chepai.records.applications import Applications, stamp
from chepai.records.cities import Cities
from chepai.records.facts import Facts
from chepai.records.sessions import Sessions
from chepai.records.table import Row

Aid = Literal["LARGE_PRINT", "READ_ALOUD", "SEAT", "INTERPRETER", "COMPANION"]
"""What the desk does for somebody; never what they cannot do."""


class OpenSession(Body):
    """Who sits at the desk, by the reading of their card, and that they agreed to be served.

    `code` is the counter code of a case begun elsewhere.
    """

    person_id: PersonId
    reading: Annotated[str, Field(pattern=r"^idr_[0-9A-HJKMNP-TV-Z]{26}$")]
    present: Literal[True]
    consent: Literal["SPOKEN", "SIGNED"]
    aids: Annotated[list[Aid], Field(default_factory=list, max_length=5)]
    code: Annotated[str, Field(max_length=20)] = ""


class ServedPerson(Answer):
    """Who is served, masked; `application_id` is the case that the counter code opened."""

    person_id: str
    name_masked: str | None = None
    id_masked: str | None = None
    elder: bool


class CounterSession(Answer):
    """One session; its minutes are counted from opening to closing, begun ones as whole ones."""

    location: str
    session_id: str
    person: ServedPerson
    method: str
    consent: str
    aids: list[str]
    opened_at: str
    until: str
    closed_at: str | None = None
    minutes: int
    read_backs: list[str]
    application_id: str | None = None


class DeskTally(Answer):
    """What a desk did on a day of the city: sessions, their minutes, and how many read back."""

    day: str
    unit: str
    sessions: int
    minutes: int
    longest_minutes: int
    elders: int
    read_backs: int


class MySessions(Answer):
    """The session that runs at the caller's desk, if one does, and the day so far."""

    running: CounterSession | None = None
    today: DeskTally


@dataclass(frozen=True)
class Serving:
    """The adapters that opening and closing a session take."""

    sessions: Sessions
    facts: Facts

    @classmethod
    def from_env(cls) -> Self:
        return cls(Sessions.from_env(), Facts.from_env())

    @cached_property
    def cities(self) -> Cities:
        # Only opening one has rules to follow.
        return Cities.from_env()

    def open(self, call: Call[OpenSession]) -> CounterSession:
        """Open a session; sent again, it is the same one.

        Raises ReadingUnknown while the police have not told of the reading, or told it long ago,
        SessionOpen, OwnCase, CounterCodeUnknown for a code of somebody else's case.
        """
        said, at = call.body, now()
        call.caller.must_not_be(said.person_id)
        identity = self._identity(said.person_id)
        if known := self.sessions.opened_by(said.reading):
            return self._again(call, known, identity)
        rules = self._rules()
        if identity is None or not counter.is_reading(
            identity, said.reading, now=at, seconds=rules.reading_seconds
        ):
            raise ReadingUnknown
        application_id = self._continued(call)
        row = self._row(call, identity, rules, at)
        by = self._seen(call, row, application_id)
        told = {name: row[name] for name in ("session_id", "method", "consent")}
        told |= {"desk": call.caller.unit, "present": True, "identity": identity.digest}
        if not self.sessions.open(row, told, by, at):
            raise SessionOpen
        return shown(row, identity, at, aids=said.aids, application_id=application_id)

    def close(self, call: Call[Any]) -> CounterSession:
        """Close a session of the caller's; closed again, it stays as it is. Raises SessionOver."""
        row, at = self.sessions.read(call.path["session_id"]), now()
        if row is None or row["staff_id"] != call.caller.id:
            raise SessionOver
        by = self._seen(call, row, "")
        after = self.sessions.close(row, {"session_id": row["session_id"]}, by, at)
        return shown(after, self._identity(str(row["person_id"])), at)

    def mine(self, call: Call[Any]) -> MySessions:
        """The running session of the caller's, and the tally of their desk."""
        at = now()
        row = self.sessions.open_of(call.caller.id)
        running = None
        if row and counter.runs(row, at):
            self._seen(call, row, "")
            running = shown(row, self._identity(str(row["person_id"])), at)
        day = city_day(at).isoformat()
        rows = self.sessions.of_desk(call.caller.unit, day)
        return MySessions(running=running, today=tally(rows, call.caller.unit, day, at))

    def _again(self, call: Call[OpenSession], known: Row, identity: Fact | None) -> CounterSession:
        mine = known["staff_id"] == call.caller.id and known["person_id"] == call.body.person_id
        if not mine or not counter.runs(known, now()):
            raise ReadingUnknown
        application_id = self._continued(call)
        self._seen(call, known, application_id)
        aids = call.body.aids
        return shown(known, identity, now(), aids=aids, application_id=application_id)

    def _continued(self, call: Call[OpenSession]) -> str:
        """The case that the code opens, if one was brought: it must be this person's."""
        if not call.body.code:
            return ""
        case = case_behind(call.body.code, Applications.from_env())
        if case.person_id != call.body.person_id:
            raise CounterCodeUnknown
        return case.application_id

    def _row(self, call: Call[OpenSession], identity: Fact, rules: Counter, at: datetime) -> Row:
        said, unit = call.body, call.caller.unit
        until = at + timedelta(minutes=rules.session_minutes)
        return {
            # The reading's own: a request that is repeated opens no second session.
            "session_id": derived_id("cse", said.reading),
            "staff_id": call.caller.id,
            "unit": unit,
            "person_id": said.person_id,
            "reading": said.reading,
            "method": str(identity.says["method"]),
            "consent": said.consent,
            "way": counter.way_of(identity.says.get("born"), at, rules.elder_age),
            "opened_at": stamp(at),
            "until": stamp(until),
            "desk_day": f"{unit}#{city_day(at).isoformat()}",
        }

    def _seen(self, call: Call[Any], row: Mapping[str, Any], application_id: str) -> Actor:
        """Enter what the clerk is about to see of the person; by whom."""
        Disclosing().person(call, str(row["person_id"]), COUNTER, ["identity"], case=application_id)
        return replace(
            call.caller, principal=str(row["person_id"]), counter={"session_id": row["session_id"]}
        ).actor()

    def _identity(self, person_id: str) -> Fact | None:
        return self.facts.newest(about_person(person_id), FactKind.IDENTITY)

    def _rules(self) -> Counter:
        return self.cities.current().counter


def shown(
    row: Mapping[str, Any],
    identity: Fact | None,
    at: datetime,
    *,
    aids: Any = (),
    application_id: str = "",
) -> CounterSession:
    said: Mapping[str, Any] = identity.says if identity else {}
    return CounterSession(
        location="/v1/staff/sessions",
        session_id=row["session_id"],
        person=ServedPerson(
            person_id=row["person_id"],
            name_masked=said.get("name_masked"),
            id_masked=said.get("id_masked"),
            elder=row["way"] == counter.ELDER,
        ),
        method=row["method"],
        consent=row["consent"],
        aids=list(aids),
        opened_at=row["opened_at"],
        until=row["until"],
        closed_at=row.get("closed_at"),
        minutes=counter.minutes(row, at),
        read_backs=sorted(row.get("read_backs", {})),
        application_id=application_id or None,
    )


def tally(rows: list[Row], unit: str, day: str, at: datetime) -> DeskTally:
    took = [counter.minutes(row, at) for row in rows]
    return DeskTally(
        day=day,
        unit=unit,
        sessions=len(rows),
        minutes=sum(took),
        longest_minutes=max(took, default=0),
        elders=sum(row["way"] == counter.ELDER for row in rows),
        read_backs=sum(len(row.get("read_backs", {})) for row in rows),
    )


def day_of(text: str) -> str:
    """A day in a path. Raises FieldInvalid."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007  # a day only
    except ValueError:
        raise FieldInvalid(FieldProblem("day", "date")) from None
