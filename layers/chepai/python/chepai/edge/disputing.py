"""Disputing what an agency said: it is asked to look again, by a day that the owner can see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.attribution import of_fact
from chepai.domain.facts import AGENCIES, Fact, FactKind
from chepai.domain.ledger import evidence_of
from chepai.domain.life_cycle import Act, Status
from chepai.domain.periods import city_day
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.edge.acting import Acting
from chepai.edge.api import Answer, Call
from chepai.edge.ids import derived_id
from chepai.edge.questions import Question, Questions
from chepai.edge.texts import say_in_both
from chepai.edge.views import Texts
from chepai.edge.weighing import known_of
from chepai.records.applications import stamp

CORRECTED_BY: Mapping[FactKind, str] = {
    FactKind.IDENTITY: "identity.verified",
    FactKind.CERTIFICATE: "certificate.issued",
    FactKind.ANNOUNCEMENT: "product.announced",
    FactKind.PRE_INSPECTION: "pre_inspection.recorded",
    FactKind.INVOICE: "invoice.issued",
    FactKind.PURCHASE_TAX: "purchase_tax.settled",
    FactKind.COMPULSORY_INSURANCE: "policy.in_force",
    FactKind.VESSEL_TAX: "vessel_tax.settled",
    FactKind.VEHICLE_STATUS: "vehicle_status.answered",
    FactKind.MORTGAGE: "mortgage.state",
}
"""What kinds of fact can be disputed, and the message that puts each right."""


class Dispute(Answer):
    """A dispute as its owner sees it: who has to look, and by which day."""

    location: str
    kind: str
    field: str | None = None
    reason: str
    agency: str
    agency_text: Texts
    disputed_at: str
    due_on: str


@dataclass(frozen=True)
class Disputing:
    """The adapters that a dispute takes."""

    acting: Acting
    questions: Questions

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env(), Questions.from_env())

    def dispute(self, call: Call[Any], kind: FactKind, field: str | None, reason: str) -> Dispute:
        """Keep the dispute and tell the agency; the same fact disputed again is one dispute."""
        found: list[Fact] = []

        def work(before: Application, at: datetime) -> Application:
            fact = self._disputed(before, kind)
            found[:] = [fact]
            earlier = before.disputes.get(kind.value, {})
            if earlier.get("version") == fact.version:
                return before
            due = self.acting.profile(before).last_day("data_error", city_day(at))
            mine = {
                "version": fact.version,
                "field": field or "",
                "reason": reason,
                "at": stamp(at),
                "due_on": due.isoformat(),
                "agency": AGENCIES[kind].agency.value,
            }
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(),
                act="disputed",
                at=at,
                evidence=[evidence_of(fact)],
                told={"responsible": {kind.value: of_fact(kind)}},
                disputes={**before.disputes, kind.value: mine},
            )

        after = self.acting.own(call, Act.DISPUTE, work)
        kept = after.disputes[kind.value]
        self._tell(after, found[0], kept)
        return shown(after, kind, kept)

    def _disputed(self, before: Application, kind: FactKind) -> Fact:
        known = known_of(before, self.acting.facts).get(kind)
        if not known:
            raise FieldInvalid(FieldProblem("kind", "nothing_said_yet"))
        return known[0]

    def _tell(self, after: Application, fact: Fact, kept: Mapping[str, Any]) -> None:
        request_id = derived_id("req", "dispute", after.application_id, fact.kind, fact.version)
        refs = {
            "about": fact.subject,
            "message_type": CORRECTED_BY[fact.kind],
            "reason": kept["reason"],
            "due_on": kept["due_on"],
        }
        self.questions.ask(
            Question(
                kind=str(AGENCIES[fact.kind].partner_kind),
                type="data_error.reported",
                partner=fact.partner,
                request_id=request_id,
                message_id=derived_id("msg", request_id),
                application_id=after.application_id,
                refs=refs | ({"field": kept["field"]} if kept["field"] else {}),
            )
        )


def shown(application: Application, kind: FactKind, kept: Mapping[str, Any]) -> Dispute:
    return Dispute(
        location=f"/v1/applications/{application.application_id}/progress",
        kind=kind.value,
        field=kept["field"] or None,
        reason=kept["reason"],
        agency=kept["agency"],
        agency_text=say_in_both("states", f"holder.agency:{kept['agency']}"),
        disputed_at=kept["at"],
        due_on=kept["due_on"],
    )
