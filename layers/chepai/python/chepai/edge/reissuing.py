"""Reissuing a certificate: weighed with the history of owner and car, entered once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from chepai.domain import mortgage, reissue
from chepai.domain.application import Application
from chepai.domain.facts import FactKind
from chepai.domain.findings import Consequence
from chepai.domain.ledger import evidence_of
from chepai.domain.life_cycle import Status
from chepai.domain.periods import city_day
from chepai.domain.suspicion import History
from chepai.domain.waiting import case_of
from chepai.edge.casework import Casework, notify
from chepai.edge.clock import now
from chepai.edge.questions import Questions
from chepai.edge.step import Task
from chepai.edge.weighing import Weighing, judged, was_verified
from chepai.records.applications import stamp
from chepai.records.facts import Facts
from chepai.records.people import People
from chepai.records.vehicles import Vehicles

COSIGNATURE = "cosignature"


@dataclass(frozen=True)
class Reissuing:
    """Weighs a reissue."""

    weighing: Weighing
    people: People
    vehicles: Vehicles

    @classmethod
    def from_env(cls) -> Self:
        return cls(Weighing.from_env(), People.from_env(), Vehicles.from_env())

    def weigh(self, task: Task) -> str:
        application = self.weighing.casework.open(task)
        if was_verified(application):
            return Consequence.VERIFIED.value
        profile = self.weighing.casework.profile(application)
        known = self.weighing.known(application)
        moment = now()
        weighed = reissue.weigh(
            judged(application, known, profile, moment),
            case_of(application, known),
            profile,
            moment,
            history=history_of(application, self.people, self.vehicles),
        )
        self.weighing.record(task, application, known, weighed)
        codes = {card.code for card in weighed.reasons}
        if weighed.outcome is Consequence.AWAITING_SOURCE and codes == {mortgage.COSIGN.code}:
            return COSIGNATURE
        return weighed.outcome.value


def history_of(application: Application, people: People, vehicles: Vehicles) -> History:
    """What our own records know; where phone or address changed is not told apart."""
    person = people.open_row(application.person_id) or {}
    vehicle = vehicles.read(application.vin) or {}
    changed = person.get("contact_changed_at")
    return History(
        reissued_on=tuple(date.fromisoformat(day) for day in vehicle.get("reissued_on", ())),
        phone_changed_on=city_day(datetime.fromisoformat(changed)) if changed else None,
    )


@dataclass(frozen=True)
class EnteringCertificate:
    """Enters the new certificate after the register's answer."""

    casework: Casework
    facts: Facts
    vehicles: Vehicles
    questions: Questions

    @classmethod
    def from_env(cls) -> Self:
        return cls(Casework.from_env(), Facts.from_env(), Vehicles.from_env(), Questions.from_env())

    def enter(self, task: Task) -> str:
        before = self.casework.open(task)
        if before.status == Status.REGISTERING:
            before = self._enter(before, task)
        notify(self.questions, before, "recertified")
        return "entered"

    def _enter(self, before: Application, task: Task) -> Application:
        answer = self.facts.newest(before.subject, FactKind.REGISTER)
        vehicle = self.vehicles.read(before.vin)
        if vehicle is None or answer is None or answer.says["result"] != "REPLACED":
            raise LookupError("the register has not answered")
        at = now()
        new = str(answer.says["certificate_no"])
        replaced = self.vehicles.recertifying(
            vehicle,
            old=str(before.entries["old_certificate_no"]),
            new=new,
            at=stamp(at),
            on=city_day(at).isoformat(),
            by=before.application_id,
        )
        return self.casework.move(
            before,
            Status.REGISTERED,
            by=task.actor,
            act="recertified",
            at=at,
            evidence=[evidence_of(answer)],
            also=[replaced],
            told={"concern": True} if _of_concern(before, vehicle) else None,
            certificate_no=new,
        )


def _of_concern(application: Application, vehicle: Mapping[str, Any]) -> bool:
    """Whether the supervision centre looks at this reissue again, whatever the draw says."""
    decided_by_officer = "officer" in application.review
    return decided_by_officer or bool(application.flagged or vehicle.get("reissued_on"))
