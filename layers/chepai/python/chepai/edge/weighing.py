"""Weighing a case: read all facts, judge them by the rules, write one entry with their digests."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Self

from chepai.domain import plates
from chepai.domain.application import Application
from chepai.domain.facts import Fact, FactKind
from chepai.domain.findings import Consequence, Finding
from chepai.domain.ledger import evidence_of
from chepai.domain.life_cycle import Status
from chepai.domain.profile import CityProfile
from chepai.domain.reasons import ReasonCard
from chepai.domain.routing import owner_is_ready
from chepai.domain.services import SERVICES
from chepai.domain.verification import (
    GROUNDS,
    judge_at_last,
    required,
    weigh,
)
from chepai.domain.verification import Weighing as Weighed
from chepai.domain.waiting import Facts as Known
from chepai.domain.waiting import case_of, subject_of
from chepai.edge.casework import Casework, notify
from chepai.edge.clock import now
from chepai.edge.questions import Questions
from chepai.edge.step import Task
from chepai.records.applications import stamp
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
        if was_verified(application):
            return Consequence.VERIFIED.value
        profile = self.casework.profile(application)
        known = self.known(application)
        weighed = weigh_now(application, known, profile, now())
        self.record(task, application, known, weighed, **_plate_of(known))
        return weighed.outcome.value

    def known(self, application: Application) -> dict[FactKind, list[Fact]]:
        """All facts the judges may look at, in four reads."""
        return known_of(application, self.facts)

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
        if to is Status.ON_SITE_REQUIRED and not SERVICES[before.service].inspects_car:
            # There is no car to inspect: an officer sees the owner.
            to = Status.CONVERTED_ON_SITE
        at = now()
        after = self.casework.move(
            before,
            to,
            by=task.actor,
            act="weighed",
            at=at,
            evidence=[evidence_of(facts[0]) for facts in known.values()],
            # The case keeps what holds it up; what matched is in the entry, and a row that grows
            # over 1 KB makes every later change of the case cost double.
            findings=_words(each for each in weighed.findings if _holds_up(each)),
            told={"findings": _words(weighed.findings)},
            reasons=[recorded(card) for card in weighed.reasons],
            weighed=round_of(before, known, at),
            **changes,
        )
        if not verified:
            notify(self.questions, after, f"weighed_{weighed.outcome.value}")


def was_verified(application: Application) -> bool:
    """Whether this very step has found the case in order already and its answer was lost.

    Nothing else leads to the owner's turn, and no machine weighs while it is: what its owner has
    done since is no ground to ask every agency anew.
    """
    return Status(application.status) in {Status.AWAITING_OWNER, Status.AWAITING_FEE}


def round_of(application: Application, known: Known, at: datetime) -> dict[str, Any]:
    """Which weighing this is: the versions it rests on, and since when its questions were asked.

    The same facts weighed again are the same weighing, or a step that is repeated would find
    its own answers too old.
    """
    last = application.weighed
    facts = {kind.value: each[0].version for kind, each in known.items()}
    if last.get("facts") == facts:
        return dict(last)
    return {
        "facts": facts,
        "times": last.get("times", 0) + 1,
        "asked_at": last.get("at", application.submitted_at),
        "at": stamp(at),
    }


def known_of(application: Application, facts: Facts) -> dict[FactKind, list[Fact]]:
    """All facts that the judges of a case may look at, in four reads (five once cosigned)."""
    person = subject_of(FactKind.IDENTITY, application, {}) or ""
    own = facts.of_subject(application.subject)
    car = facts.of_subject(f"vin#{application.vin}") if application.vin else {}
    known = {kind: [fact] for kind, fact in {**car, **own}.items()}
    for kind, subject in (
        (FactKind.IDENTITY, person),
        (FactKind.ANNOUNCEMENT, subject_of(FactKind.ANNOUNCEMENT, application, known)),
    ):
        if subject and (fact := facts.newest(subject, kind)):
            known[kind] = [fact]
    if FactKind.COSIGNATURE in own:
        # Any lender may have said something, but only one counts: the newest word may hide it.
        said = facts.of_kind(application.subject, FactKind.COSIGNATURE)
        known[FactKind.COSIGNATURE] = sorted(said, key=lambda f: f.occurred_at, reverse=True)
    return known


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
    kinds = _asked(application, profile)
    return weigh(found, case_of(application, known), profile, moment, kinds=kinds)


def judged(
    application: Application, known: Known, profile: CityProfile, moment: datetime
) -> list[Finding]:
    """The finding for every fact that counts now; silence and staleness are told as such."""
    case = case_of(application, known)
    asked_at = datetime.fromisoformat(round_of(application, known, moment)["asked_at"])
    return [
        judge_at_last(
            kind,
            known[kind][0] if known.get(kind) else None,
            case,
            now=moment,
            profile=profile,
            asked_at=asked_at,
        )
        for kind in _asked(application, profile)
    ]


def _asked(application: Application, profile: CityProfile) -> tuple[FactKind, ...]:
    asked = required(case_of(application, {}), profile)
    if application.accepted_at:
        # What is checked again before registration counts from acceptance on, or a case that
        # failed there would be found in order here, in a circle.
        return tuple(dict.fromkeys((*asked, *SERVICES[application.service].rechecked)))
    return asked


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


def _words(findings: Iterable[Finding]) -> dict[str, str]:
    words: dict[str, str] = {}
    for each in findings:
        # The gravest of a kind comes first.
        words.setdefault(each.kind.value, each.code)
    return words


def _holds_up(finding: Finding) -> bool:
    return GROUNDS[finding.code].consequence is not Consequence.VERIFIED
