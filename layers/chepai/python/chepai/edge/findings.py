"""Findings of the supervision centre: who answers by when, who decides, what is reversed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chepai.domain.application import Application
from chepai.domain.facts import FactKind
from chepai.domain.ledger import Actor
from chepai.domain.life_cycle import Status
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.refusals import (
    AnswerPending,
    FieldInvalid,
    FieldProblem,
    FindingUnknown,
    NothingToReverse,
    NotWaitingForThis,
    OwnAct,
    OwnCase,
    VersionConflict,
)
from chepai.domain.review import asked
from chepai.domain.supervision import (
    SYSTEM_FAULT,
    Origin,
    State,
    Way,
    hands_of,
    legal_act_of,
    party_of,
    way_of,
)
from chepai.domain.verification import GROUNDS
from chepai.edge.api import Answer, Body, Call
from chepai.edge.casework import Casework
from chepai.edge.clock import now
from chepai.edge.disclosing import COMPLAINT, RECHECK, Disclosing
from chepai.edge.ids import new_id
from chepai.edge.paging import PAGED, page_of
from chepai.edge.referring import Reference
from chepai.edge.roles import AUDIT_ADMIN, OPERATOR, SUPERVISOR
from chepai.edge.texts import say_in_both
from chepai.edge.views import Texts
from chepai.records.applications import Applications, stamp
from chepai.records.supervision import FINDINGS, Supervision, finding_key
from chepai.records.table import ConditionFailed, Row, Write, transact

About = Annotated[str, Field(pattern=r"^([AF][0-9]{2}|SYSTEM)$")]
Code = Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}-[A-Z0-9-]{1,40}$")]
Version = Annotated[int, Field(ge=1)]

_LOOKED_AT = ("case", "history")
_SEE_ALL = frozenset({SUPERVISOR, AUDIT_ADMIN, OPERATOR})
_DECIDERS = frozenset({"reviewer", "officer", "inspector"})
QUERY = PAGED


class Report(Body):
    """What was found wrong in one case: `about` which fact, or the system itself, and why.

    `reference` is the number of the inspection or complaint that it came from.
    """

    application_id: Annotated[str, Field(pattern=r"^app_[0-9A-Z]{26}$")]
    about: About
    reason: Code | None = None
    reference: Reference


class PartysAnswer(Body):
    """What the party says, with the number of the paper that says why; no text of its own.

    An answer of a party outside the office is entered by an operator, on its behalf.
    """

    stance: Literal["ACCEPTED", "DISPUTED", "CORRECTED"]
    reference: Reference
    version: Version


class Decision(Body):
    """The decision of another supervisor on the `version` that was read."""

    decision: Literal["UPHELD", "DISMISSED"]
    reverse: bool = False
    version: Version


class Finding(Answer):
    """One finding; days are those of the city, times UTC. `cases` are applications."""

    finding_id: str
    origin: str
    standing: str
    standing_text: Texts
    about: str
    reason: str | None = None
    alarm: str | None = None
    alarm_text: Texts | None = None
    difference: str | None = None
    difference_text: Texts | None = None
    times: int | None = None
    cases: list[str]
    party: str
    party_text: Texts
    party_id: str | None = None
    opened_at: str
    opened_by: str
    answer_due: str
    stance: str | None = None
    reference: str | None = None
    answered_by: str | None = None
    decision: str | None = None
    decided_by: str | None = None
    way: str | None = None
    way_text: Texts | None = None
    legal_act: str | None = None
    legal_act_text: Texts | None = None
    version: int


class FindingsPage(Answer):
    """One page, the one due first in front; `next` asks for the page after it."""

    findings: list[Finding]
    next: str | None = None


@dataclass(frozen=True)
class Findings:
    """The adapters that findings take."""

    supervision: Supervision

    @classmethod
    def from_env(cls) -> Self:
        return cls(Supervision.from_env())

    @cached_property
    def casework(self) -> Casework:
        # Who lists or answers findings looks at no case.
        return Casework.from_env()

    @property
    def applications(self) -> Applications:
        return self.casework.applications

    def page(self, call: Call[Any]) -> FindingsPage:
        """Open findings; who only answers sees those that name them. Raises FieldInvalid.

        The owners of their cases have a line in the book of accesses before anything is shown.
        """
        limit, cursor = page_of(call.query)
        rows, after = self.supervision.on_desk(FINDINGS, limit=limit, after=cursor)
        mine = [row for row in rows if _may_see(call, row)]
        own = Disclosing().named(call, [case for row in mine for case in row.get("cases", ())])
        seen = [row for row in mine if not own & {*row.get("cases", ())}]
        return FindingsPage(findings=[shown(row) for row in seen], next=after or None)

    def report(self, call: Call[Report]) -> Finding:
        """Open a finding on what was reported. Raises ApplicationUnknown, OwnAct, FieldInvalid."""
        said = call.body
        case = self.applications.read(said.application_id)
        entries = self.applications.ledger.of(case.application_id)
        call.caller.must_not_be(case.person_id)
        not_own(call.caller.themselves, hands_of(entries) | {case.person_id})
        # The answer names who is responsible, and that may be the owner.
        Disclosing().case(call, case, COMPLAINT, _LOOKED_AT)
        row = self.about_case(
            case, entries, said.about, said.reason, by=call.caller.id, origin=Origin.REPORT
        ) | {"reference": said.reference}
        writes = self.opening(row, call.caller.actor(SUPERVISOR))
        _together(*writes, unchanged(self.applications, case))
        return shown(row | {"version": 1})

    def about_case(
        self,
        case: Application,
        entries: Sequence[Mapping[str, Any]],
        about: str,
        reason: str | None,
        *,
        by: str,
        origin: Origin,
    ) -> Row:
        """A finding on one case, with the party that its ledger names. Raises FieldInvalid."""
        party = _party(about, reason)
        hands = hands_of(entries) | {case.person_id}
        row = self._opened(
            self.casework.profile(case), about=about, party=party, by=by, origin=origin
        )
        return row | {
            "reason": reason,
            "cases": [case.application_id],
            "application_id": case.application_id,
            "party_id": _who(party, about, case, entries),
            "hands": sorted(hands),
        }

    def about_many(
        self,
        profile: CityProfile,
        finding_id: str,
        *,
        alarm: str,
        party: str,
        party_id: str,
        cases: Sequence[str],
        by: str,
    ) -> Row:
        """A finding on repetition that is unusual, with the cases that make it."""
        row = self._opened(profile, about="A09", party=party, by=by, origin=Origin.ALARM)
        return (
            row
            | finding_key(finding_id)
            | {
                "finding_id": finding_id,
                "alarm": alarm,
                "times": len(cases),
                "cases": list(cases),
                "party_id": party_id,
                "hands": [party_id],
            }
        )

    def about_books(
        self,
        profile: CityProfile,
        finding_id: str,
        *,
        about: str,
        party: str,
        difference: str,
        subject: str,
        cases: Sequence[str],
        by: str,
    ) -> Row:
        """A finding on what our books and a partner's tell differently, and no word can mend."""
        row = self._opened(profile, about=about, party=party, by=by, origin=Origin.RECONCILIATION)
        return (
            row
            | finding_key(finding_id)
            | {
                "finding_id": finding_id,
                "difference": difference,
                "reference": subject,
                "cases": list(cases),
                "hands": [],
            }
        )

    def opening(self, row: Row, actor: Actor) -> list[Write]:
        """The writes that open a finding, for the transaction of the act that found it."""
        return self.supervision.entering(
            row, actor=actor, act="finding_opened", at=row["opened_at"], rule="R164-67"
        )

    def answer(self, call: Call[PartysAnswer]) -> Finding:
        """Enter the party's answer. Raises FindingUnknown, NotWaitingForThis, VersionConflict."""
        row, said, me = self._read(call), call.body, call.caller
        if not _may_answer(call, row):
            raise FindingUnknown
        if row["standing"] != State.OPEN:
            raise NotWaitingForThis(status=row["standing"], act="answer", possible="")
        self._name_cases(call, row)
        # An officer answers for themselves, an operator for a party outside the office.
        outside = "" if row["party"] == "officer" else str(row.get("party_id") or row["party"])
        actor = Actor(_role(call), me.id, me.unit, on_behalf_of=outside)
        self.supervision.change(
            row,
            actor=actor,
            act="finding_answered",
            at=stamp(now()),
            standing=State.ANSWERED.value,
            stance=said.stance,
            reference=said.reference,
            answered_by=me.id,
        )
        return self._shown(row)

    def decide(self, call: Call[Decision]) -> Finding:
        """Decide, and reverse what can be reversed.

        Raises FindingUnknown, AnswerPending, NotWaitingForThis, OwnAct, NothingToReverse or
        VersionConflict.
        """
        row, moment = self._read(call), now()
        self._may_be_decided(row, moment)
        upheld = call.body.decision == "UPHELD"
        case, hands = None, set(row.get("hands", ()))
        if row.get("application_id"):
            case = self.applications.read(row["application_id"])
            call.caller.must_not_be(case.person_id)
            hands |= hands_of(self.applications.ledger.of(case.application_id))
        not_own(call.caller.themselves, hands | {row["opened_by"], str(row.get("answered_by", ""))})
        if case:
            Disclosing().case(call, case, RECHECK, _LOOKED_AT)
        else:
            self._name_cases(call, row)
        way = way_of(Status(case.status)) if case else Way.NOTHING
        reverses = upheld and call.body.reverse
        if reverses and way is Way.NOTHING:
            raise NothingToReverse
        writes = self._decision(row, call, stamp(moment), way if reverses else None)
        if case is None:
            _together(*writes)
        elif reverses and way is not Way.LEGAL_ACT:
            self._reverse(case, row, way, call, moment, writes)
        else:
            _together(*writes, unchanged(self.applications, case))
        return self._shown(row)

    def _decision(self, row: Row, call: Call[Decision], at: str, way: Way | None) -> list[Write]:
        upheld = call.body.decision == "UPHELD"
        legal = legal_act_of(row["party"]) if way is Way.LEGAL_ACT else None
        return self.supervision.changing(
            row,
            actor=call.caller.actor(SUPERVISOR),
            act="finding_decided",
            at=at,
            # Said again where it is written: nobody decides on what they found or answered.
            when="NOT contains(hands, :me) AND opened_by <> :me"
            " AND (attribute_not_exists(answered_by) OR answered_by <> :me)",
            values={"me": call.caller.id},
            standing=(State.UPHELD if upheld else State.DISMISSED).value,
            decision=call.body.decision,
            decided_by=call.caller.id,
            way=way.value if way else None,
            legal_act=legal,
            responsible={row["about"]: row["party"]} if upheld else None,
            desk=None,
        )

    def _reverse(
        self,
        case: Application,
        row: Row,
        way: Way,
        call: Call[Decision],
        moment: datetime,
        writes: Sequence[Write],
    ) -> None:
        """Put the case before a reviewer, with the finding, in the decision's own transaction."""
        again = way is Way.LOOK_AGAIN
        changes: dict[str, Any] = (
            {"review": asked(case.review, at=stamp(moment))}
            if again
            else {"flagged": row["finding_id"]}
        )
        try:
            self.casework.move(
                case,
                Status.REVIEWING if again else Status(case.status),
                by=call.caller.actor(SUPERVISOR),
                act="review_ordered" if again else "sent_back",
                at=moment,
                rule="R164-67",
                also=writes,
                told={
                    "finding_id": row["finding_id"],
                    "responsible": {row["about"]: row["party"]},
                },
                **changes,
            )
        except ConditionFailed:
            raise VersionConflict from None

    @staticmethod
    def _name_cases(call: Call[Any], row: Row) -> None:
        """Enter that the cases of a finding are about to be named. Raises OwnCase."""
        cases = row.get("cases", ())
        if Disclosing().named(call, cases, purpose=RECHECK, reference=row["finding_id"]):
            raise OwnCase

    def _may_be_decided(self, row: Row, moment: datetime) -> None:
        if row["standing"] not in (State.OPEN, State.ANSWERED):
            raise NotWaitingForThis(status=row["standing"], act="decide", possible="")
        due = row["answer_due"]
        if row["standing"] == State.OPEN and city_day(moment).isoformat() <= due:
            raise AnswerPending(due=due)

    def _read(self, call: Call[Any]) -> Row:
        row = self.supervision.finding(call.path["finding_id"])
        if row is None:
            raise FindingUnknown
        if row["version"] != call.body.version:
            raise VersionConflict
        return row

    def _shown(self, row: Row) -> Finding:
        return shown(self.supervision.finding(row["finding_id"]) or row)

    @staticmethod
    def _opened(profile: CityProfile, *, about: str, party: str, by: str, origin: Origin) -> Row:
        moment, finding_id = now(), new_id("fnd")
        due = profile.end_of(
            profile.supervision.answer, city_day(moment), rule_id="supervision.answer"
        ).last_day.isoformat()
        return finding_key(finding_id) | {
            "finding_id": finding_id,
            "origin": origin.value,
            "standing": State.OPEN.value,
            "about": about,
            "party": party,
            "responsible": {about: party},
            "opened_at": stamp(moment),
            "opened_by": by,
            "answer_due": due,
            "desk": FINDINGS,
            "due_at": due,
        }


def not_own(me: frozenset[str], hands: set[str]) -> None:
    """Raises OwnAct for whoever, by any name, had a hand in what they would look at."""
    if me & hands:
        raise OwnAct


def unchanged(applications: Applications, case: Application) -> Write:
    """The condition that nobody has acted on a case since its history was read."""
    return applications.checking(
        {"application_id": case.application_id}, when="version = :seen", seen=case.version
    )


def shown(row: Mapping[str, Any]) -> Finding:
    """A finding as staff read it: words, identifiers, and their texts in both languages."""
    fields: dict[str, Any] = {
        name: row[name] for name in Finding.model_fields if row.get(name) is not None
    }
    texts = {
        f"{name}_text": say_in_both("supervision", f"{name}.{row[name]}")
        for name in ("standing", "party", "alarm", "difference", "way", "legal_act")
        if row.get(name)
    }
    return Finding(**fields | texts)


def _together(*writes: Write) -> None:
    try:
        transact(*writes)
    except ConditionFailed:
        raise VersionConflict from None


def _party(about: str, reason: str | None) -> str:
    if about != SYSTEM_FAULT and about not in set(FactKind):
        raise FieldInvalid(FieldProblem("about", "not_a_choice"))
    if reason and not (reason in GROUNDS and reason.startswith(f"{about}-")):
        raise FieldInvalid(FieldProblem("reason", "not_a_choice"))
    return party_of(about, GROUNDS[reason] if reason else None)


def _who(
    party: str, about: str, case: Application, entries: Sequence[Mapping[str, Any]]
) -> str | None:
    """Which of that party: the last officer who decided, the applicant, or whose word it was."""
    if party == "applicant":
        return case.person_id
    if party == "officer":
        deciders = [e["actor"]["id"] for e in entries if e["actor"]["role"] in _DECIDERS]
        return str(deciders[-1]) if deciders else None
    words = [
        piece["partner"]
        for entry in entries
        for piece in entry.get("evidence", ())
        if isinstance(piece, Mapping) and piece.get("kind") == about and piece.get("partner")
    ]
    return str(words[-1]) if words else None


def _may_see(call: Call[Any], row: Row) -> bool:
    return bool(call.caller.roles & _SEE_ALL) or _may_answer(call, row)


def _may_answer(call: Call[Any], row: Row) -> bool:
    if row["party"] == "officer":
        return bool(row.get("party_id") == call.caller.id)
    return OPERATOR in call.caller.roles


def _role(call: Call[Any]) -> str:
    return OPERATOR if OPERATOR in call.caller.roles else min(call.caller.roles)
