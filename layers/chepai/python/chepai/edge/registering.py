"""The pivot: our transaction that follows the national register's answer, and may be repeated."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from chepai.domain import deadlines, temporary_plate
from chepai.domain.application import Application
from chepai.domain.facts import Fact, FactKind
from chepai.domain.ledger import evidence_of
from chepai.domain.life_cycle import Status
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.refusals import NoPolicyForTheseDays
from chepai.edge.casework import Casework, notify
from chepai.edge.clock import now
from chepai.edge.questions import Questions
from chepai.edge.step import Task
from chepai.records.applications import stamp
from chepai.records.facts import Facts
from chepai.records.numbers import Numbers
from chepai.records.vehicles import Vehicles


@dataclass(frozen=True)
class Registering:
    """The adapters that entering a registration takes."""

    casework: Casework
    facts: Facts
    numbers: Numbers
    vehicles: Vehicles
    questions: Questions

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Casework.from_env(),
            Facts.from_env(),
            Numbers.from_env(),
            Vehicles.from_env(),
            Questions.from_env(),
        )

    def enter(self, task: Task) -> str:
        before = self.casework.open(task)
        if before.status == Status.REGISTERING:
            before = self._enter(before, task)
        # The number is the car's now: its owner may hold one for another car.
        self.numbers.drop_hold(before.person_id, before.application_id)
        notify(self.questions, before, "registered")
        return "registered"

    def _enter(self, before: Application, task: Task) -> Application:
        answer = self.facts.newest(before.subject, FactKind.REGISTER)
        if answer is None or answer.says["result"] != "REGISTERED":
            raise LookupError("the register has not answered")
        if answer.says.get("plate_no") != before.number or answer.says.get("vin") != before.vin:
            raise ValueError("the register entered another number or another car")
        about = self.facts.of_subject(f"vin#{before.vin}")
        at = now()
        bound = self.numbers.binding(
            before.plate_kind,
            before.number,
            application_id=before.application_id,
            vin=before.vin,
        )
        entered = self.vehicles.entering(_register_row(before, about, answer, at))
        return self.casework.move(
            before,
            Status.REGISTERED,
            by=task.actor,
            act="registered",
            at=at,
            evidence=[evidence_of(answer)],
            also=[bound, entered],
            told={"number": before.number},
            certificate_no=str(answer.says["certificate_no"]),
            number_held_until="",
            temporary_plates=[
                *before.temporary_plates,
                *self._temporary(about, at, self.casework.profile(before)),
            ],
        )

    @staticmethod
    def _temporary(
        about: dict[FactKind, Fact], at: datetime, profile: CityProfile
    ) -> list[dict[str, Any]]:
        """A temporary plate for the days until the plates arrive (R164 Art. 47)."""
        policy = about.get(FactKind.COMPULSORY_INSURANCE)
        try:
            days = temporary_plate.validity(
                temporary_plate.Need.PLATES_NOT_READY,
                issued_on=city_day(at),
                policy_starts_on=_day(policy, "starts_on"),
                policy_ends_on=_day(policy, "ends_on"),
                earlier=0,
                profile=profile,
            )
        except NoPolicyForTheseDays:
            # A policy that starts later: the owner may take the plate when it does.
            return []
        return [temporary_plate.kept(temporary_plate.Need.PLATES_NOT_READY, days)]


def _day(fact: Fact | None, name: str) -> date | None:
    return date.fromisoformat(str(fact.says[name])) if fact else None


def _register_row(
    application: Application, about: dict[FactKind, Fact], answer: Fact, at: datetime
) -> dict[str, Any]:
    says = about[FactKind.CERTIFICATE].says
    return {
        "vin": application.vin,
        "person_id": application.person_id,
        "application_id": application.application_id,
        "plate_kind": application.plate_kind,
        "number": application.number,
        "certificate_no": answer.says["certificate_no"],
        "certificate_from": stamp(at),
        "registered_at": answer.says["registered_at"],
        "model": says["model"],
        "colour": says["colour"],
        "energy": says["energy"],
        "use_character": application.entries.get("use_character", "A"),
        "mark_until": deadlines.mark_until(city_day(at)).isoformat(),
        "licence_from": stamp(at),
    }
