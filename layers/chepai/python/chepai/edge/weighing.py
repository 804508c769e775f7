"""Weighing a case: read all facts, judge them by the rules, write one entry with their digests."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Self

from chepai.domain import plates
from chepai.domain.application import Application
from chepai.domain.facts import Agency, Fact, FactKind, is_fresh
from chepai.domain.findings import Consequence, Finding
from chepai.domain.life_cycle import Status
from chepai.domain.profile import CityProfile
from chepai.domain.reasons import ReasonCard
from chepai.domain.routing import owner_is_ready
from chepai.domain.verification import (
    JUDGES,
    required,
    silent,
    weigh,
)
from chepai.domain.verification import (
    Weighing as Weighed,
)
from chepai.domain.waiting import Facts as Known
from chepai.domain.waiting import case_of, subject_of
from chepai.edge.casework import Casework, notify
from chepai.edge.clock import now
from chepai.edge.questions import Questions
from chepai.edge.step import Task
from chepai.records.facts import Facts

STATUS_AFTER: Mapping[Consequence, Status] = {
    Consequence.NEEDS_CORRECTION: Status.NEEDS_CORRECTION,
    Consequence.AWAITING_SOURCE: Status.AWAITING_SOURCE,
    Consequence.ON_SITE: Status.ON_SITE_REQUIRED,
    Consequence.SUSPICIOUS: Status.CONVERTED_ON_SITE,
}


@dataclass(frozen=True)
class Weighing:
    """The adapters that weighing a case takes."""

    casework: Casework
    facts: Facts
    questions: Questions

    @classmethod
    def from_env(cls) -> Self:
        return cls(Casework.from_env(), Facts.from_env(), Questions.from_env())

    def of_new_car(self, task: Task) -> str:
        application = self.casework.open(task)
        profile = self.casework.profile(application)
        known = self.known(application)
        weighed = weigh_now(application, known, profile, now())
        self.record(task, application, known, weighed, **_plate_of(known))
        return weighed.outcome.value

    def known(self, application: Application) -> dict[FactKind, list[Fact]]:
        """All facts the judges may look at, in four reads."""
        person = subject_of(FactKind.IDENTITY, application, {}) or ""
        own = self.facts.of_subject(application.subject)
        car = self.facts.of_subject(f"vin#{application.vin}") if application.vin else {}
        known = {kind: [fact] for kind, fact in {**car, **own}.items()}
        for kind, subject in (
            (FactKind.IDENTITY, person),
            (FactKind.ANNOUNCEMENT, subject_of(FactKind.ANNOUNCEMENT, application, known)),
        ):
            if subject and (fact := self.facts.newest(subject, kind)):
                known[kind] = [fact]
        return known

    def record(
        self,
        task: Task,
        before: Application,
        known: Known,
        weighed: Weighed,
        **changes: Any,
    ) -> None:
        """Write the outcome with the digests of all facts it rests on, as one entry."""
        if weighed.outcome is Consequence.REFUSED:
            # The way back writes the refusal itself, with the same reasons.
            return
        verified = weighed.outcome is Consequence.VERIFIED
        to = next_when_verified(before) if verified else STATUS_AFTER[weighed.outcome]
        if to is Status.ON_SITE_REQUIRED and before.service == "certificate_reissue":
            # There is no car to inspect: an officer sees the owner.
            to = Status.CONVERTED_ON_SITE
        agencies = {Agency(card.who_must_act) for card in weighed.reasons}
        agency = next(iter(agencies)) if len(agencies) == 1 else None
        after = self.casework.move(
            before,
            to,
            by=task.actor,
            act="weighed",
            agency=agency,
            evidence=[facts[0].digest for facts in known.values()],
            findings=_words(weighed),
            reasons=[recorded(card) for card in weighed.reasons],
            **changes,
        )
        if after.status != before.status and not verified:
            notify(self.questions, after, f"weighed_{weighed.outcome.value}")


def recorded(card: ReasonCard) -> dict[str, str]:
    """A reason card as the case keeps it; texts come from the catalogue when it is read."""
    return {
        name: value.isoformat() if isinstance(value, date) else str(value)
        for name, value in asdict(card).items()
        if value is not None
    }


def weigh_now(
    application: Application, known: Known, profile: CityProfile, moment: datetime
) -> Weighed:
    """Judge and weigh every required fact as it is known now."""
    found = judged(application, known, profile, moment)
    return weigh(found, case_of(application, known), profile, moment)


def judged(
    application: Application, known: Known, profile: CityProfile, moment: datetime
) -> list[Finding]:
    """The finding for every required fact; a stale one counts as silence."""
    case = case_of(application, known)
    since = datetime.fromisoformat(application.since or application.submitted_at)
    found: list[Finding] = []
    for kind in required(case, profile):
        fact = known[kind][0] if known.get(kind) else None
        fresh = fact is None or is_fresh(fact, moment, profile.ttl(kind), asked_at=since)
        finding = JUDGES[kind](fact, case, now=moment, profile=profile)
        found.append(finding if fresh else silent(kind))
    return found


def next_when_verified(application: Application) -> Status:
    """Where a verified case goes on, with what its owner has done already."""
    if application.accepted_at:
        return Status.APPROVED if application.review.get("decided") else Status.ACCEPTED
    if owner_is_ready(application):
        return Status.AWAITING_FEE
    return Status.AWAITING_OWNER


def _plate_of(known: Known) -> dict[str, Any]:
    """The kind of plate the car gets, by what its certificate says drives it."""
    if not known.get(FactKind.CERTIFICATE):
        return {}
    says = known[FactKind.CERTIFICATE][0].says
    energy = plates.Energy(str(says["energy"]))
    vehicle_class = str(says["vehicle_class"])
    if vehicle_class not in set(plates.VehicleClass):
        return {}
    kind = plates.kind_for(energy, plates.VehicleClass(vehicle_class))
    return {"energy": energy.value, "plate_kind": kind.value}


def _words(weighed: Weighed) -> dict[str, str]:
    return {each.kind.value: each.code for each in weighed.findings}
