"""Looking again at a drawn case (R164 Art. 67): the desk, a claim that ends, a result.

Nobody looks again at what they had a hand in, for themselves or on another's behalf: every claim
and every result is written on condition that the case's history is still the one that was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal, Self

from chepai.domain.application import Application
from chepai.domain.refusals import (
    FieldInvalid,
    FieldProblem,
    HeldByAnother,
    NotWaitingForThis,
    RecheckUnknown,
    VersionConflict,
)
from chepai.domain.supervision import Origin, hands_of
from chepai.edge.api import Answer, Body, Call
from chepai.edge.clock import now
from chepai.edge.disclosing import RECHECK, Disclosing, reader
from chepai.edge.drawing import CLAIMED, DONE, population_of
from chepai.edge.findings import About, Code, Findings, Version, not_own, unchanged
from chepai.edge.paging import PAGED, page_of
from chepai.edge.roles import SUPERVISOR
from chepai.records.accesses import Accesses
from chepai.records.applications import stamp
from chepai.records.supervision import DRAWS, RECHECKS, Supervision
from chepai.records.table import ConditionFailed, Row, transact
from chepai.records.traces import Traces

IN_ORDER, FOUND = "IN_ORDER", "FINDING"
QUERY = PAGED
_LATEST_DRAWS = 5


class Result(Body):
    """What looking again has shown; a finding says about which fact, and for which reason."""

    result: Literal["IN_ORDER", "FINDING"]
    about: About | None = None
    reason: Code | None = None
    version: Version


class Recheck(Answer):
    """One drawn case; days are those of the city, times UTC."""

    period: str
    application_id: str
    stratum: str
    standing: str
    due_at: str | None = None
    claimed_by: str | None = None
    claimed_until: str | None = None
    result: str | None = None
    finding_id: str | None = None
    version: int


class DrawBound(Answer):
    """A draw whose seed is bound and whose period is not over, or not sealed yet."""

    period: str
    first: str
    end: str
    commitment: str


class Rechecks(Answer):
    """One page of cases to look at again, the one due first in front, and the draws to come."""

    rechecks: list[Recheck]
    draws: list[DrawBound]
    next: str | None = None


class Draw(Answer):
    """One draw with all that repeats it; seed, beacon and cases are there once it is done."""

    period: str
    first: str
    end: str
    standing: str
    commitment: str
    quota: dict[str, int]
    at_least: int
    profile_version: str
    seed: str | None = None
    beacon: str | None = None
    population_digest: str | None = None
    counts: dict[str, int] | None = None
    population: dict[str, str] | None = None
    cases: list[Recheck]


@dataclass(frozen=True)
class Desk:
    """The adapters that reading draws and their cases takes."""

    supervision: Supervision

    @classmethod
    def from_env(cls) -> Self:
        return cls(Supervision.from_env())

    @cached_property
    def traces(self) -> Traces:
        return Traces.from_env()

    @cached_property
    def disclosing(self) -> Disclosing:
        return Disclosing()

    @property
    def accesses(self) -> Accesses:
        return self.disclosing.accesses

    def page(self, call: Call[Any]) -> Rechecks:
        """What is still to be looked at. Raises FieldInvalid."""
        limit, cursor = page_of(call.query)
        rows, after = self.supervision.on_desk(RECHECKS, limit=limit, after=cursor)
        draws, _ = self.supervision.on_desk(DRAWS, limit=_LATEST_DRAWS)
        return Rechecks(
            rechecks=self._named(call, rows),
            draws=[DrawBound(**_only(DrawBound, row)) for row in draws],
            next=after or None,
        )

    def draw(self, call: Call[Any]) -> Draw:
        """One draw, with its population once the seed is shown. Raises RecheckUnknown.

        Who was hit has a line in the book of accesses. The population is every case of a week by
        its identifier alone, so that anybody can repeat the draw: who had it is in one line.
        """
        row = self.supervision.draw(call.path["period"])
        if row is None:
            raise RecheckUnknown
        shown = "seed" in row
        if shown:
            self.accesses.append_to(
                f"staff#{call.caller.id}",
                "population_read",
                {"period": row["period"]},
                actor=reader(call),
            )
        return Draw(
            **_only(Draw, row),
            population=population_of(self.traces, row) if shown else None,
            cases=self._named(call, self.supervision.cases(row["period"])),
        )

    def _named(self, call: Call[Any], rows: Sequence[Row]) -> list[Recheck]:
        """The drawn cases after their owners' lines; not the caller's own."""
        ids = [str(row["application_id"]) for row in rows]
        own = self.disclosing.named(call, ids, purpose=RECHECK)
        return [_recheck(row) for row in rows if row["application_id"] not in own]


@dataclass(frozen=True)
class Rechecking:
    """The adapters that a claim and a result take."""

    findings: Findings

    @classmethod
    def from_env(cls) -> Self:
        return cls(Findings.from_env())

    @property
    def supervision(self) -> Supervision:
        return self.findings.supervision

    def claim(self, call: Call[Any]) -> Recheck:
        """Take a case on the own desk for a while; taken again, the time begins anew.

        Raises RecheckUnknown, NotWaitingForThis, OwnAct, HeldByAnother.
        """
        row, case, hands = self._read(call)
        me, moment = call.caller.id, now()
        minutes = self.findings.casework.profile(case).supervision.claim_minutes
        claimed = self.supervision.changing(
            row,
            actor=call.caller.actor(SUPERVISOR),
            act="recheck_claimed",
            at=stamp(moment),
            when="(attribute_not_exists(claimed_by) OR claimed_by = :me OR claimed_until < :now)"
            " AND NOT contains(hands, :me)",
            values={"me": me, "now": stamp(moment)},
            standing=CLAIMED,
            claimed_by=me,
            claimed_until=stamp(moment + timedelta(minutes=minutes)),
            hands=sorted(hands),
        )
        try:
            transact(*claimed, unchanged(self.findings.applications, case))
        except ConditionFailed as stood:
            raise (HeldByAnother if stood.failed[0] else VersionConflict) from None
        return self._shown(row)

    def decide(self, call: Call[Result]) -> Recheck:
        """Enter what was seen; a finding is opened with it, in one transaction.

        Raises RecheckUnknown, NotWaitingForThis, OwnAct, HeldByAnother, VersionConflict or
        FieldInvalid.
        """
        row, case, hands = self._read(call)
        said, me, moment = call.body, call.caller.id, now()
        if row["version"] != said.version:
            raise VersionConflict
        if (said.result == FOUND) != bool(said.about):
            raise FieldInvalid(
                FieldProblem("about", "missing" if not said.about else "not_possible")
            )
        finding: Row = {}
        if said.about:
            entries = self.findings.applications.ledger.of(case.application_id)
            finding = self.findings.about_case(
                case, entries, said.about, said.reason, by=me, origin=Origin.RECHECK
            )
        actor = call.caller.actor(SUPERVISOR)
        done = self.supervision.changing(
            row,
            actor=actor,
            act="recheck_decided",
            at=stamp(moment),
            when="claimed_by = :me AND claimed_until > :now AND NOT contains(hands, :me)",
            values={"me": me, "now": stamp(moment)},
            standing=DONE,
            result=said.result,
            finding_id=finding.get("finding_id"),
            responsible=finding.get("responsible"),
            hands=sorted(hands),
            desk=None,
        )
        opened = self.findings.opening(finding, actor) if finding else []
        try:
            transact(*done, *opened, unchanged(self.findings.applications, case))
        except ConditionFailed as stood:
            raise (HeldByAnother if stood.failed[0] else VersionConflict) from None
        return self._shown(row)

    def _read(self, call: Call[Any]) -> tuple[Row, Application, set[str]]:
        """The drawn case, and everybody who had a hand in it up to this version."""
        row = self.supervision.case(call.path["period"], call.application_id)
        if row is None:
            raise RecheckUnknown
        if row["standing"] == DONE:
            raise NotWaitingForThis(status=DONE, act="recheck", possible="")
        case = self.findings.applications.read(call.application_id)
        entries = self.findings.applications.ledger.of(case.application_id)
        # An entry after the read has another version, and the write will not pass.
        hands = hands_of(entries) | {case.person_id}
        call.caller.must_not_be(case.person_id)
        not_own(call.caller.themselves, hands)
        # The owner sees who looked at the case again, before what was found.
        Disclosing().case(call, case, RECHECK, ("case", "history"))
        return row, case, hands

    def _shown(self, row: Row) -> Recheck:
        return _recheck(self.supervision.case(row["period"], row["application_id"]) or row)


def _recheck(row: Mapping[str, Any]) -> Recheck:
    return Recheck(**_only(Recheck, row))


def _only(model: type[Answer], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in model.model_fields if name in row}
