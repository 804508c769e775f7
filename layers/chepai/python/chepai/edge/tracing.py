"""Tracing both ways (责任追溯): from a fact, an actor or a rule to acts, and from a person to acts.

Whoever asks says for what, and that is in the ledger before anything is answered.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from chepai.domain import tracing
from chepai.domain.disclosure import INVESTIGATION
from chepai.domain.facts import FactKind, SubjectKind, parse_subject
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.domain.tracing import ACTOR, FACT, PARTNER, PERSON, RULE, Place
from chepai.edge.api import Answer, Body, Call
from chepai.edge.disclosing import COMPLAINT, RECHECK, Disclosing, reader
from chepai.edge.referring import Reference
from chepai.edge.texts import codes, say_in_both
from chepai.edge.views import Texts
from chepai.records.applications import Applications, stamp
from chepai.records.facts import Facts
from chepai.records.ledger import Ledger
from chepai.records.ledger import entry as entry_of
from chepai.records.table import ConditionFailed, Row, TryAgain
from chepai.records.traces import Traces

PAGE, LARGEST_PAGE = 50, 200
ACTS_OF_A_PERSON = ("acts",)
_TRIES = 8
_DIGEST = 64
_HEX = frozenset("0123456789abcdef")


class TraceAsked(Body):
    """What to follow, for what purpose, and in which case or by which inspection.

    `value` of a fact is its digest or "subject|kind|version"; of an actor "role#id"; of a partner
    and a person the identifier; of a rule the version of a profile or an article.
    """

    follow: Literal["fact", "actor", "partner", "rule", "person"]
    value: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")]
    purpose: Literal["recheck", "complaint", "investigation"]
    reference: Reference
    cursor: Annotated[str, Field(pattern=r"^[\x21-\x7e]{0,200}$")] = ""
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = PAGE


_PERSON = r"per_[0-9A-Z]{1,26}"
_NATURAL_PERSONS = frozenset({"citizen", "agent", "relative"})
_NAMES: Mapping[str, re.Pattern[str]] = {
    FACT: re.compile(
        rf"[0-9a-f]{{64}}|(person#{_PERSON}|(?!person#)[a-z]+#[A-Za-z0-9_.-]{{1,64}})\|[A-Z][0-9]{{2}}"
        r"\|[0-9]{1,9}"
    ),
    ACTOR: re.compile(
        rf"(citizen|agent|relative)#{_PERSON}|(?!(citizen|agent|relative)#)"
        r"[a-z_]+#(?![0-9]{11})[A-Za-z0-9_-]{1,60}"
    ),
    PARTNER: re.compile(r"[a-z][a-z0-9_-]{0,60}"),
    RULE: re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,60}"),
    PERSON: re.compile(_PERSON),
}
"""What each kind of thread may be named by: identifiers, never what is known of a person."""
_NO_SUCH = {FACT: "no_such_fact"}
PURPOSES = {"recheck": RECHECK, "complaint": COMPLAINT, "investigation": INVESTIGATION}


class Act(Answer):
    """One entry that the thread leads to; `chain` is an application or what else it is about."""

    at: str
    chain: str
    seq: int
    act: str
    text: Texts | None = None
    fact: str | None = None
    actor: dict[str, str] | None = None


class Trace(Answer):
    """A page of acts, the oldest first, and the applications that they touch.

    `next` is the cursor of the page after it and is absent on the last.
    """

    follow: str
    value: str
    applications: list[str]
    acts: list[Act]
    next: str | None = None


@dataclass(frozen=True)
class Tracing:
    """The adapters that following a thread takes."""

    traces: Traces
    facts: Facts
    applications: Applications
    ledger: Ledger
    disclosing: Disclosing

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Traces.from_env(),
            Facts.from_env().for_views(),
            Applications.from_env().for_views(),
            Ledger.from_env(),
            Disclosing(),
        )

    def follow(self, call: Call[TraceAsked]) -> Trace:
        """A page of what a thread leads to. Raises FieldInvalid for a value that names nothing."""
        asked = call.body
        if not _NAMES[asked.follow].fullmatch(asked.value):
            # Before it is entered: what stands in the ledger stands there for ever.
            raise FieldInvalid(FieldProblem("value", _NO_SUCH.get(asked.follow, "malformed")))
        self._enter(call)
        found = list(self._of_person(asked) if asked.follow == PERSON else self._of_thread(asked))
        page, more = found[: asked.limit], len(found) > asked.limit
        touched = dict.fromkeys(each.chain for each in page if each.chain.startswith("app_"))
        # Whoever the thread is of has a line by now; whose cases it leads to has one before.
        own = self.disclosing.named(
            call,
            touched,
            purpose=PURPOSES[asked.purpose],
            reference=asked.reference,
            besides=_person_in(asked),
        )
        return Trace(
            follow=asked.follow,
            value=asked.value,
            applications=[each for each in touched if each not in own],
            acts=[each for each in page if each.chain not in own],
            next=_cursor(page[-1]) if more else None,
        )

    def _enter(self, call: Call[TraceAsked]) -> None:
        """Enter who follows what and why. When this fails nothing is answered."""
        asked, actor = call.body, reader(call)
        if person := _person_in(asked):
            self.disclosing.person(
                call, person, PURPOSES[asked.purpose], ACTS_OF_A_PERSON, case=asked.reference
            )
        chain = f"staff#{call.caller.id}"
        for _ in range(_TRIES):
            seq, prev = self.ledger.head(chain)
            entry = entry_of(
                chain=chain,
                seq=seq + 1,
                prev=prev,
                at=stamp(datetime.now(UTC)),
                actor=actor,
                act="traced",
                after=asked.model_dump(include={"follow", "value", "purpose", "reference"}),
                rule="R164-67",
            )
            try:
                self.ledger.append(entry)
            except ConditionFailed:
                continue
            return
        raise TryAgain

    def _of_thread(self, asked: TraceAsked) -> Iterator[Act]:
        """A page and one more; rows of another fact with the same digest are passed over."""
        value, name = self._named(asked)
        after, left = asked.cursor, asked.limit + 1
        while left:
            wanted = left
            rows = self.traces.page(asked.follow, value, limit=wanted, after=after)
            for row in rows:
                if not name or row.get("fact") in (None, name):
                    left -= 1
                    yield _act(row)
            if len(rows) < wanted:
                return
            after = str(rows[-1]["place"])

    def _named(self, asked: TraceAsked) -> tuple[str, str]:
        """The value that the rows lie under, and the exact fact where one was named."""
        if asked.follow != FACT or (len(asked.value) == _DIGEST and set(asked.value) <= _HEX):
            return asked.value, ""
        subject, kind, version = [*asked.value.split("|"), "", "", ""][:3]
        try:
            parse_subject(subject)
            known = self.facts.of_kind(subject, FactKind(kind))
            return next(f.digest for f in known if f.version == int(version)), asked.value
        except (ValueError, StopIteration):
            raise FieldInvalid(FieldProblem("value", "no_such_fact")) from None

    def _of_person(self, asked: TraceAsked) -> Iterator[Act]:
        """Every act on the person's own records, and every act by the person or in their name.

        One person's acts are a few hundred: they are read whole and put in order.
        """
        person = asked.value
        chains = [each.application_id for each in self.applications.of_person(person)]
        entries = [row for chain in chains for row in self.ledger.of(chain)]
        entries += self.ledger.of(f"person#{person}")
        acts = {tracing.place_of(row): _entry(row) for row in entries}
        for kind, value in (
            (ACTOR, f"citizen#{person}"),
            (ACTOR, f"agent#{person}"),
            (PERSON, person),
        ):
            for row in self.traces.between(kind, value, first="", before="~"):
                acts.setdefault(row["place"], _act(row))
        places = [place for place in sorted(acts) if place > asked.cursor]
        yield from (acts[place] for place in places[: asked.limit + 1])


def _person_in(asked: TraceAsked) -> str:
    """Whose acts or facts a thread shows by itself; empty for one that is nobody's own.

    A person followed as an actor, or by a fact about them, is looked at like one named outright.
    """
    if asked.follow == PERSON:
        return asked.value
    if asked.follow == ACTOR:
        role, _, who = asked.value.partition("#")
        return who if role in _NATURAL_PERSONS else ""
    kind, _, rest = asked.value.partition("#")
    return rest.partition("|")[0] if asked.follow == FACT and kind == SubjectKind.PERSON else ""


def _act(row: Row) -> Act:
    place = Place.of(row["place"])
    return Act(
        at=place.at,
        chain=place.chain,
        seq=place.seq,
        act=row["act"],
        text=_text(row["act"]),
        fact=row.get("fact") or None,
    )


def _entry(row: Row) -> Act:
    act = str(row["act"])
    return Act(
        at=row["at"],
        chain=row["chain"],
        seq=row["seq"],
        act=act,
        text=_text(act),
        actor=dict(row["actor"]),
    )


def _text(act: str) -> Texts | None:
    return say_in_both("notices", act) if act in codes("notices") else None


def _cursor(last: Act) -> str:
    return tracing.place_of(last.model_dump(include={"at", "chain", "seq"}))
