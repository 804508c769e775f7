"""What operators do to cases: one act on up to fifty of them, each answered by itself.

What takes two is only proposed here; another member of staff confirms or declines it, or it lapses.
Every act has a reason, is in the ledger, and is told to the owner where it concerns them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chepai.domain.application import Application
from chepai.domain.facts import FactKind
from chepai.domain.ledger import Actor
from chepai.domain.life_cycle import Status
from chepai.domain.operating import (
    HANDED_OVER,
    LAPSES_AFTER,
    REASONS,
    REMINDED_ENOUGH,
    TAKES_TWO,
    Wish,
    may_decide,
    overrulable,
    refusal_to,
)
from chepai.domain.refusals import (
    AlreadyProposed,
    ApplicationUnknown,
    FieldInvalid,
    FieldProblem,
    HeldByAnother,
    NobodyToRemind,
    ProposalUnknown,
    Refusal,
    Unavailable,
    Unforeseen,
    VersionConflict,
)
from chepai.edge.acting import Acting
from chepai.edge.api import Answer, Body, Call
from chepai.edge.chasing import Chasing
from chepai.edge.clock import now
from chepai.edge.disclosing import Disclosing, reader
from chepai.edge.observing import tell, tell_trouble
from chepai.edge.referring import Reference
from chepai.edge.starting import DEAD, start, state_of_run
from chepai.edge.texts import say_in_both
from chepai.edge.told import Told
from chepai.edge.views import Brief, Texts, brief
from chepai.edge.waiting_room import WaitingRoom
from chepai.edge.withdrawing import withdrawn
from chepai.records.applications import Applications, stamp
from chepai.records.aws import passes
from chepai.records.operations import PROPOSALS, PROPOSED, Operations, claimed_by, is_proposed
from chepai.records.table import ConditionFailed, Row, TryAgain

AT_ONCE = 50
"""How many cases one request acts on at most."""
_SHOWN_LAPSED = LAPSES_AFTER
_PROPOSALS_SHOWN = 100

ApplicationId = Annotated[str, Field(pattern=r"^app_[0-9A-Z]{26}$")]
ApplicationIds = Annotated[list[ApplicationId], Field(min_length=1, max_length=AT_ONCE)]


class OperatorsAct(Body):
    """One act on several cases, for one reason.

    `reference` is the number of the paper behind it; what takes two persons is not proposed
    without one.
    """

    act: Literal["remind", "resume", "hand_to_clerk", "withdraw", "override"]
    application_ids: ApplicationIds
    reason: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    reference: Reference | None = None


class ClaimOfCases(Body):
    """Take cases in hand for a while, or give them back."""

    application_ids: ApplicationIds
    give_back: bool = False


class SecondDecision(Body):
    """What a second person says to the proposal in the `version` that was read."""

    decision: Literal["CONFIRMED", "DECLINED"]
    version: Annotated[int, Field(ge=1)]


class RowProblem(Answer):
    """Why one case was left as it is."""

    code: str
    texts: Texts


class RowDone(Answer):
    """What became of one case: `done` with a word, `proposed`, or `refused` with a problem.

    Words: reminded, resumed (as run n+1), started, runs (its machine lives and is looked at
    within a minute), handed_over, claimed, given_back.
    """

    application_id: str
    outcome: Literal["done", "proposed", "refused"]
    word: str | None = None
    run: int | None = None
    until: str | None = None
    problem: RowProblem | None = None


class ActsDone(Answer):
    """A row for each case, in the order asked for."""

    rows: list[RowDone]


class Proposal(Brief):
    """Something that waits for a second person; `own` ones are for a colleague to decide."""

    wish: str
    reason: str
    reference: str
    proposed_by: str
    proposed_at: str
    lapses_at: str
    standing: str
    set_aside: list[str] | None = None
    flagged: bool
    own: bool
    decided_by: str | None = None
    version: int


class Proposals(Answer):
    """What waits for a second person, the one that lapses first in front; lapsed ones for a day."""

    proposals: list[Proposal]


Work = Callable[[Application, Row | None, datetime], RowDone]


@dataclass(frozen=True)
class Operating:
    """The adapters that acts of operators take."""

    acting: Acting
    operations: Operations

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env(), Operations.from_env())

    @cached_property
    def room(self) -> WaitingRoom:
        return WaitingRoom.from_env()

    @property
    def applications(self) -> Applications:
        return self.acting.casework.applications

    def act(self, call: Call[OperatorsAct]) -> ActsDone:
        """One act on each case. Raises FieldInvalid for a reason that is none of the act's."""
        said, wish = call.body, Wish(call.body.act)
        faults = []
        if said.reason not in REASONS[wish]:
            faults.append(FieldProblem("reason", "not_a_choice"))
        if wish in TAKES_TWO and not said.reference:
            faults.append(FieldProblem("reference", "missing"))
        if faults:
            raise FieldInvalid(*faults)
        why = {"reason": said.reason} | ({"reference": said.reference} if said.reference else {})

        def work(before: Application, row: Row | None, at: datetime) -> RowDone:
            if claimed_by(row, stamp(at)) not in ("", call.caller.id):
                raise HeldByAnother
            if refusal := refusal_to(before, wish):
                raise refusal
            return self._do(call, wish, before, row, at, why)

        return self._each(call, said.application_ids, work)

    def claim(self, call: Call[ClaimOfCases]) -> ActsDone:
        """Take cases in hand, or give them back; a claim that is not worked on lapses by itself."""
        me, back = call.caller.id, call.body.give_back

        def work(before: Application, row: Row | None, at: datetime) -> RowDone:
            holder = claimed_by(row, stamp(at))
            if holder not in ("", me) or (back and not holder):
                raise HeldByAnother
            minutes = self.acting.profile(before).supervision.claim_minutes
            until = "" if back else stamp(at + timedelta(minutes=minutes))
            word = "given_back" if back else "claimed"
            self._note(
                call, before, row, at, f"case_{word}",
                claimed_by=None if back else me, claimed_until=until or None,
            )  # fmt: skip
            return _done(before, word, until=until or None)

        return self._each(call, call.body.application_ids, work)

    def _each(self, call: Call[Any], application_ids: Sequence[str], work: Work) -> ActsDone:
        """Do the work on each case, whatever becomes of the others."""
        wanted = list(dict.fromkeys(application_ids))
        rows = self.operations.of_cases(wanted)
        return ActsDone(rows=[self._one(call, each, rows.get(each), work) for each in wanted])

    def _one(self, call: Call[Any], application_id: str, row: Row | None, work: Work) -> RowDone:
        try:
            before = self.applications.read(application_id)
            # That the case was looked at is in its owner's book before anything is answered.
            if not Disclosing().listed(call, [before]):
                raise ApplicationUnknown
            return work(before, row, now())
        except Refusal as refusal:
            return _refused(application_id, refusal)
        except (ConditionFailed, TryAgain):
            return _refused(application_id, VersionConflict())
        except Exception as error:  # noqa: BLE001 (one bad case stops no other)
            tell_trouble("failed", error, application_id=application_id)
            trouble = Unavailable(seconds=1) if passes(error) else Unforeseen()
            return _refused(application_id, trouble)

    def _do(
        self,
        call: Call[Any],
        wish: Wish,
        before: Application,
        row: Row | None,
        at: datetime,
        why: Mapping[str, str],
    ) -> RowDone:
        by = reader(call)
        match wish:
            case Wish.REMIND:
                done = self._remind(before, at, by, why)
            case Wish.RESUME:
                done = self._resume(before, at, by, why)
            case Wish.HAND_TO_CLERK:
                self.acting.casework.move(
                    before, Status(before.status), by=by, act="handed_to_clerk", at=at,
                    told=why, stuck=True, stuck_because=HANDED_OVER,
                )  # fmt: skip
                done = _done(before, "handed_over")
            case _:
                done = self._propose(call, wish, before, row, at, why)
        tell("operated", application_id=before.application_id, act=wish, outcome=done.outcome)
        return done

    def _remind(
        self, before: Application, at: datetime, by: Actor, why: Mapping[str, str]
    ) -> RowDone:
        last = before.clock.get("reminded_at")
        if last and at - datetime.fromisoformat(str(last)) < REMINDED_ENOUGH:
            raise NobodyToRemind
        if Chasing.of(self.room).remind(before, at, by=by, told=why) is None:
            raise NobodyToRemind
        return _done(before, "reminded")

    def _resume(
        self, before: Application, at: datetime, by: Actor, why: Mapping[str, str]
    ) -> RowDone:
        """Go on where the case stopped: with the next run, if the last one is dead.

        A run that lives is never replaced, or two would work on one case; whoever sweeps looks at
        it within the minute, wakes what can be woken and asks again.
        """
        run = state_of_run(before)
        if not run:
            start(before)
            return _done(before, "started", run=before.run)
        if run in DEAD:
            after = self.acting.casework.run_again(before, by=by, told=why)
            start(after)
            return _done(after, "resumed", run=after.run)
        self.applications.look_again(before, stamp(at))
        return _done(before, "runs", run=before.run)

    def _propose(
        self,
        call: Call[Any],
        wish: Wish,
        before: Application,
        row: Row | None,
        at: datetime,
        why: Mapping[str, str],
    ) -> RowDone:
        if is_proposed(row, stamp(at)):
            raise AlreadyProposed
        if before.flagged:
            entries = self.applications.ledger.of(before.application_id)
            may_decide(call.caller.themselves, "", before, entries)
        lapses = stamp(at + LAPSES_AFTER)
        codes = overrulable(before.reasons) if wish is Wish.OVERRIDE else None
        self._note(
            call, before, row, at, "proposed",
            wish=wish.value, reason=why["reason"], reference=why["reference"],
            # Not under the word by which decisions are counted: nothing is set aside yet.
            codes=codes, standing=PROPOSED, desk=PROPOSALS, due_at=lapses,
            proposed_by=call.caller.id, proposed_at=stamp(at), decided_by=None,
        )  # fmt: skip
        return RowDone(
            application_id=before.application_id, outcome="proposed", word=wish.value, until=lapses
        )

    def _note(
        self,
        call: Call[Any],
        before: Application,
        row: Row | None,
        at: datetime,
        act: str,
        **sets: Any,
    ) -> None:
        self.operations.note(
            before.application_id, row, actor=reader(call), act=act, at=stamp(at),
            told={name: value for name, value in sets.items() if value and name in _TOLD}, **sets,
        )  # fmt: skip


_TOLD = ("wish", "reason", "reference", "codes", "standing", "due_at", "claimed_until")


@dataclass(frozen=True)
class Deciding:
    """The adapters that a second person's decision takes."""

    applications: Applications
    operations: Operations
    told: Told = field(default_factory=Told)

    @classmethod
    def from_env(cls) -> Self:
        return cls(Applications.from_env(), Operations.from_env())

    @cached_property
    def acting(self) -> Acting:
        # Only who decides moves a case.
        return Acting.from_env()

    def page(self, call: Call[Any]) -> Proposals:
        """What waits for a second person."""
        at = now()
        rows = self.operations.proposals(at - _SHOWN_LAPSED, limit=_PROPOSALS_SHOWN)
        cases = self.applications.read_many([str(row["application_id"]) for row in rows])
        read = {each.application_id: each for each in cases}
        found = [
            _proposal(call, read[str(row["application_id"])], row, stamp(at))
            for row in rows
            if row["application_id"] in read
        ]
        news = [each for each in found if not self.told.is_known(call, each.application_id, each)]
        entered = Disclosing().listed(call, [read[each.application_id] for each in news])
        own = {each.application_id for each in news} - {each.application_id for each in entered}
        for each in news:
            if each.application_id not in own:
                self.told.note(call, each.application_id, each)
        return Proposals(proposals=[each for each in found if each.application_id not in own])

    def decide(self, call: Call[SecondDecision]) -> Proposal:
        """Confirm or decline. Raises ProposalUnknown, OwnAct, OwnCase, VersionConflict, and what
        the act itself meets by now.
        """
        at = now()
        before = self.applications.read(call.application_id)
        row = self.operations.of_case(call.application_id)
        call.caller.must_not_be(before.person_id)
        if row is None or not is_proposed(row, stamp(at)):
            raise ProposalUnknown
        if row["version"] != call.body.version:
            raise VersionConflict
        entries = self.applications.ledger.of(before.application_id)
        may_decide(call.caller.themselves, str(row["proposed_by"]), before, entries)
        if not Disclosing().listed(call, [before]):
            raise ApplicationUnknown
        word = call.body.decision.lower()
        decided = self.operations.noting(
            row, actor=reader(call), act=f"proposal_{word}", at=stamp(at),
            told={"wish": row["wish"]}, standing=word, desk=None, decided_by=call.caller.id,
        )  # fmt: skip
        after = before
        try:
            if call.body.decision == "CONFIRMED":
                after = self._confirmed(call, before, row, at, decided)
            else:
                self.operations.do(decided)
        except ConditionFailed:
            raise VersionConflict from None
        tell("decided", application_id=before.application_id, act=row["wish"], outcome=word)
        shown = {**row, "standing": word, "decided_by": call.caller.id}
        return _proposal(call, after, shown | {"version": int(row["version"]) + 1}, stamp(at))

    def _confirmed(
        self, call: Call[Any], before: Application, row: Row, at: datetime, decided: Sequence[Any]
    ) -> Application:
        wish = Wish(row["wish"])
        if refusal := refusal_to(before, wish):
            raise refusal
        by, who = reader(call), call.caller.id
        told = {
            "reason": str(row["reason"]),
            "reference": str(row["reference"]),
            "proposed_by": str(row["proposed_by"]),
        }
        if wish is Wish.WITHDRAW:
            return withdrawn(
                self.acting, before, at, who, by=by, act="withdrawn_by_office", told=told,
                also=decided,
            )  # fmt: skip
        # What was proposed is set aside and no more: a reason that came since is not.
        codes = [each for each in row["codes"] if each in overrulable(before.reasons)]
        review = {
            **before.review,
            "overruled": sorted({*before.review.get("overruled", ()), *codes}),
        }
        woken = self.acting.says(before, FactKind.CORRECTION, at, who, result="REVIEWED")
        return self.acting.casework.move(
            before, Status(before.status), by=by, act="overridden", at=at, rule="R164-12",
            told={**told, "set_aside": codes}, also=[woken, *decided], review=review,
        )  # fmt: skip


def _operator(call: Call[Any]) -> Actor:
    return reader(call)


def _done(case: Application, word: str, *, run: int | None = None, until: Any = None) -> RowDone:
    return RowDone(
        application_id=case.application_id, outcome="done", word=word, run=run, until=until
    )


def _refused(application_id: str, refusal: Refusal) -> RowDone:
    texts = say_in_both("problems", refusal.code, **refusal.values)
    problem = RowProblem(code=refusal.code, texts=texts)
    return RowDone(application_id=application_id, outcome="refused", problem=problem)


def _proposal(call: Call[Any], case: Application, row: Mapping[str, Any], at: str) -> Proposal:
    lapsed = row["standing"] == PROPOSED and str(row["due_at"]) <= at
    return Proposal(
        **brief(case).model_dump(),
        wish=row["wish"],
        reason=row["reason"],
        reference=row["reference"],
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        lapses_at=row["due_at"],
        standing="lapsed" if lapsed else row["standing"],
        set_aside=row.get("codes"),
        flagged=bool(case.flagged),
        own=row["proposed_by"] in call.caller.themselves,
        decided_by=row.get("decided_by"),
        version=row["version"],
    )
