"""What a reviewer or an officer decides: on the version they read, with its fact and its entry.

A reviewer decides for whom the machine waits, or on what an owner asked to have looked at again;
an officer decides on a suspicion (R164 Art. 74). Nobody reviews their own acts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chepai.domain.application import Application
from chepai.domain.choosing import given_back
from chepai.domain.facts import FactKind
from chepai.domain.findings import Finding
from chepai.domain.investigation import to_decide
from chepai.domain.life_cycle import OFFICER, REVIEWER, Act, Status
from chepai.domain.refusals import (
    AlreadyOpen,
    ClaimedByAnother,
    FieldInvalid,
    FieldProblem,
    VersionConflict,
)
from chepai.domain.reissue import SERVICE as REISSUE
from chepai.domain.review import (
    APPROVED,
    REFUSED,
    answered,
    claimed,
    decided,
    is_anothers,
    is_asked,
    may_review,
    unclaimed,
)
from chepai.domain.supervision import hands_of
from chepai.domain.verification import GROUNDS
from chepai.edge.acting import TRIES, Acting, may_act, must_be_as_read
from chepai.edge.api import Body, Call
from chepai.edge.clock import now
from chepai.edge.disclosing import CASE_WORK
from chepai.edge.ids import derived_id
from chepai.edge.observing import tell
from chepai.edge.reissuing import history_of
from chepai.edge.starting import start
from chepai.edge.weighing import known_of
from chepai.records.applications import stamp
from chepai.records.people import People
from chepai.records.table import ConditionFailed, Write
from chepai.records.vehicles import Vehicles

REVIEW_CLAIMED = "review_claimed"
Code = Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}-[A-Z0-9-]{1,40}$")]


class Review(Body):
    """The decision on the `version` that was read, or that If-Match names.

    `set_aside` are the reasons overruled by it; left out, an approval sets aside every reason that
    a reviewer may.
    """

    decision: Literal["APPROVED", "REFUSED"]
    version: Annotated[int, Field(ge=1)] | None = None
    set_aside: Annotated[list[Code], Field(max_length=50)] | None = None


class Investigation(Body):
    """CLEARED sets the suspicion aside, INSPECT asks for the car, REFUSED confirms it."""

    decision: Literal["CLEARED", "INSPECT", "REFUSED"]
    version: Annotated[int, Field(ge=1)] | None = None
    set_aside: Annotated[list[Code], Field(max_length=50)] | None = None


@dataclass(frozen=True)
class Reviews:
    """The adapters that a review takes."""

    acting: Acting

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env())

    def decide(self, call: Call[Review]) -> Application:
        """Raises VersionConflict, NotWaitingForThis, OwnAct, OwnCase, AlreadyOpen, FieldInvalid."""
        before, at = self._read(call), now()
        if not is_asked(before):
            may_act(before, Act.REVIEW)
        if is_anothers(before.review, call.caller.id, at=stamp(at)):
            raise ClaimedByAnother
        may_review(call.caller.themselves, self._acted(before))
        codes = _set_aside(call.body.set_aside, _overrulable(before))
        approved = call.body.decision == "APPROVED"
        said = self.acting.says(
            before, FactKind.REVIEW, at, call.caller.id, result=call.body.decision
        )
        review = _reviewed(before, call, at, codes if approved else [])
        after = self._unless_overtaken(lambda: self._decided(before, call, at, said, review))
        if after.run > before.run:
            start(after)
        tell("reviewed", application_id=after.application_id, outcome=_word(before, approved))
        return after

    @staticmethod
    def _unless_overtaken(decided: Callable[[], Application]) -> Application:
        """The decision, tried again when only somebody else's look at the person came between."""
        for _ in range(TRIES):
            try:
                return decided()
            except ConditionFailed as stood:
                if any(stood.failed[:-1]):
                    break
        raise VersionConflict

    def claim(self, call: Call[Any]) -> Application:
        """Take a review on the own desk; not worked on, it goes back by itself.

        Raises NotWaitingForThis, OwnAct, OwnCase, ClaimedByAnother.
        """

        def work(before: Application, at: datetime) -> Application:
            may_review(call.caller.themselves, self._acted(before))
            if is_anothers(before.review, call.caller.id, at=stamp(at)):
                raise ClaimedByAnother
            self.acting.seen(call, before, CASE_WORK)
            minutes = self.acting.profile(before).counter.claim_minutes
            until = stamp(at + timedelta(minutes=minutes))
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(REVIEWER),
                act=REVIEW_CLAIMED,
                at=at,
                told={"until": until},
                review=claimed(before.review, by=call.caller.id, until=until),
            )

        return self.acting.any(call, Act.REVIEW, work)

    def _read(self, call: Call[Review]) -> Application:
        before = self.acting.casework.applications.read(call.application_id)
        call.caller.must_not_be(before.person_id)
        must_be_as_read(before, call, call.body.version)
        return before

    def _acted(self, application: Application) -> set[str]:
        """Everybody who had a hand in the case, by its ledger, and for whom they acted."""
        entries = self.acting.casework.applications.ledger.of(application.application_id)
        # Who takes a case on their desk has done nothing to it yet.
        worked = [entry for entry in entries if entry["act"] != REVIEW_CLAIMED]
        return hands_of(worked) | {application.person_id}

    def _decided(
        self,
        before: Application,
        call: Call[Review],
        at: datetime,
        said: Write,
        review: dict[str, Any],
    ) -> Application:
        approved = call.body.decision == "APPROVED"
        also, to = [said], Status(before.status)
        if is_asked(before) and before.ending:
            if approved:
                return self._reopened(before, call, at, said, review)
            to = Status(before.ending)
        elif is_asked(before):
            # The machine still waits for a correction: a reversal wakes it like one.
            to = Status.NEEDS_CORRECTION
            by = call.caller.id
            woken = self.acting.says(before, FactKind.CORRECTION, at, by, result="REVIEWED")
            also += [woken] if approved else []
        elif approved:
            to = Status.APPROVED
        return self._moved(before, to, call, at, also, review=review)

    def _reopened(
        self,
        before: Application,
        call: Call[Review],
        at: datetime,
        said: Write,
        review: dict[str, Any],
    ) -> Application:
        """The case begins again, without what the way back has undone: number, fee, acceptance.

        The number that was freed is given back as a choice. An order of a fee is never paid
        twice, so the next one has a name of its own.
        """
        guards = [self.acting.casework.applications.guarding(before)] if before.vin else []
        run = before.run + 1
        if before.accepted_at:
            review["decided"] = APPROVED
        # Every question is a new one: an answer to the last run's is as old as it is.
        times, begun = int(before.weighed.get("times", 0)) + 1, stamp(at)
        try:
            return self._moved(
                before,
                Status.VERIFYING,
                call,
                at,
                [*guards, said],
                run=run,
                weighed={**before.weighed, "times": times, "asked_at": begun, "at": begun},
                ending="",
                reasons=[],
                accepted_at="",
                legal_end="",
                number="",
                number_held_until="",
                **given_back(before, self.acting.profile(before).numsel),
                payment_id=derived_id("pay", before.application_id, run),
                fee_state="",
                fee_fen=0,
                appointment={},
                escalation=0,
                stuck_because="",
                review=review,
            )
        except ConditionFailed as stood:
            # The case and its entry come first, then the guard of the car.
            if guards and stood.failed[2]:
                raise AlreadyOpen from None
            raise

    def _moved(
        self,
        before: Application,
        to: Status,
        call: Call[Review],
        at: datetime,
        also: Sequence[Write],
        **changes: Any,
    ) -> Application:
        return self.acting.casework.move(
            before,
            to,
            by=call.caller.actor(REVIEWER),
            act="review_decided",
            at=at,
            rule="R164-12",
            # The line in the book is the last of the writes.
            also=[*also, self.acting.seen(call, before, CASE_WORK)],
            told=_told(before, call.body.decision, changes["review"]),
            **changes,
        )


@dataclass(frozen=True)
class Investigations:
    """The adapters that an officer's decision takes."""

    acting: Acting
    people: People
    vehicles: Vehicles

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env(), People.from_env(), Vehicles.from_env())

    def decide(self, call: Call[Investigation]) -> Application:
        """Raises VersionConflict, OwnAct, OwnCase, NotWaitingForThis or FieldInvalid."""

        def work(before: Application, at: datetime) -> Application:
            must_be_as_read(before, call, call.body.version)
            may_review(call.caller.themselves, self._acted(before))
            cleared = call.body.decision == "CLEARED"
            found = {each.code for each in self._found(before, at)} if cleared else set()
            codes = _set_aside(call.body.set_aside, sorted(found)) if cleared else []
            overruled = sorted({*before.review.get("overruled", ()), *codes})
            officer = {"by": call.caller.id, "decision": call.body.decision, "at": stamp(at)}
            said = self.acting.says(
                before, FactKind.OFFICER, at, call.caller.id, result=call.body.decision
            )
            review = {**before.review, "officer": officer, "overruled": overruled}
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(OFFICER),
                act="officer_decided",
                at=at,
                rule="R164-74",
                also=[said, self.acting.seen(call, before, CASE_WORK)],
                told=_told(before, call.body.decision, review),
                review=review,
            )

        return self.acting.any(call, Act.DECIDE_SUSPICION, work)

    def _acted(self, case: Application) -> set[str]:
        """Who had a hand in the case otherwise than by investigating it, by its ledger."""
        entries = self.acting.casework.applications.ledger.of(case.application_id)
        others = [entry for entry in entries if entry["actor"]["role"] != OFFICER]
        return hands_of(others) | {case.person_id}

    def _found(self, case: Application, at: datetime) -> tuple[Finding, ...]:
        again = case.service == REISSUE
        history = history_of(case, self.people, self.vehicles) if again else None
        known = known_of(case, self.acting.facts)
        profile = self.acting.profile(case)
        return to_decide(case, known, now=at, profile=profile, history=history)


def _overrulable(application: Application) -> list[str]:
    kept = [str(each["code"]) for each in application.reasons]
    return [code for code in kept if code in GROUNDS and GROUNDS[code].overrulable]


def _set_aside(named: Sequence[str] | None, possible: Sequence[str]) -> list[str]:
    """The reasons that are overruled. Raises FieldInvalid for one that is not among those."""
    if named is None:
        return list(possible)
    wrong = [code for code in named if code not in possible]
    if wrong:
        raise FieldInvalid(*(FieldProblem("set_aside", f"not_possible:{each}") for each in wrong))
    return list(named)


def _reviewed(
    before: Application, call: Call[Review], at: datetime, codes: Sequence[str]
) -> dict[str, Any]:
    """The review with this decision in it."""
    approved = call.body.decision == "APPROVED"
    word = APPROVED if approved else REFUSED
    review = decided(
        unclaimed(before.review), word, by=call.caller.id, at=stamp(at), overruled=codes
    )
    if is_asked(before):
        return answered(review)
    return review | ({"decided": APPROVED} if approved else {})


def _told(before: Application, decision: str, review: Mapping[str, Any]) -> dict[str, Any]:
    """What the entry tells of a decision: the word, and the reasons that it sets aside."""
    told: dict[str, Any] = {"decision": decision}
    past = before.review.get("overruled", ())
    if set_aside := sorted({*review.get("overruled", ())} - {*past}):
        told["set_aside"] = set_aside
    return told


def _word(before: Application, approved: bool) -> str:
    if is_asked(before):
        return "reversed" if approved else "upheld"
    return APPROVED if approved else "refused"
