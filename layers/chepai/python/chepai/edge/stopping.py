"""The way back: why a case ends, its number freed, its fee refunded, its car free again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from chepai.domain import legal_clock, mishaps, mortgage
from chepai.domain.application import Application
from chepai.domain.choosing import barred_until
from chepai.domain.facts import FactKind, about_payment
from chepai.domain.findings import Finding, Ground
from chepai.domain.life_cycle import Status
from chepai.domain.periods import city_day
from chepai.domain.reasons import cards
from chepai.domain.review import is_asked
from chepai.domain.verification import GROUNDS
from chepai.domain.waiting import asked_before_registration
from chepai.edge.casework import Casework, notify
from chepai.edge.clock import now
from chepai.edge.questions import Questions
from chepai.edge.step import ReviewOwed, Task
from chepai.edge.waiting_room import WaitingRoom
from chepai.edge.weighing import Weighing, recorded, weigh_now
from chepai.records.applications import stamp
from chepai.records.facts import Facts
from chepai.records.numbers import Numbers
from chepai.records.payments import CANCELLED, REFUNDED, Payments
from chepai.records.table import Write


def error_in(cause: str) -> str:
    """The name of the error that led to a state, from the state's own input; "" for none."""
    try:
        carried = json.loads(cause)
    except ValueError:
        return ""
    return str(carried.get("error", {}).get("Error", "")) if isinstance(carried, dict) else ""


# Whose patience ended, by the status in which it did.
_LATE: Mapping[Status, Ground] = {
    Status.NEEDS_CORRECTION: mishaps.CORRECTION_LATE,
    Status.ON_SITE_REQUIRED: mishaps.INSPECTION_LATE,
    Status.AWAITING_SOURCE: mishaps.SOURCE_LATE,
    Status.AWAITING_OWNER: mishaps.OWNER_LATE,
    Status.AWAITING_FEE: mishaps.FEE_UNPAID,
}


def late_ground(application: Application) -> Ground:
    """Whose time ran out, told as the reason for which a case ends."""
    status = Status(application.status)
    asked = {str(each.get("code")) for each in application.reasons}
    if status is Status.AWAITING_SOURCE and mortgage.COSIGN.code in asked:
        return mishaps.COSIGNATURE_LATE
    return _LATE.get(status, mishaps.CORRECTION_LATE)


_OWNERS_TURN = (Status.AWAITING_OWNER, Status.AWAITING_FEE)


@dataclass(frozen=True)
class Stopping:
    """Writes how a case ends."""

    weighing: Weighing
    room: WaitingRoom

    @classmethod
    def from_env(cls) -> Self:
        return cls(Weighing.from_env(), WaitingRoom.from_env())

    def stop(self, task: Task) -> str:
        casework = self.weighing.casework
        before = casework.applications.read(task.application_id)
        if error_in(task.cause) == "States.Timeout" and not before.ending and is_asked(before):
            raise ReviewOwed
        self.room.cancel(before, asked_before_registration(before.service))
        if before.ending:
            return before.ending
        ending, reasons = self._why(before, error_in(task.cause))
        casework.move(
            before,
            Status(before.status),
            by=task.actor,
            act="stopped",
            ending=ending.value,
            reasons=reasons,
        )
        return ending.value

    def _why(self, before: Application, error: str) -> tuple[Status, list[dict[str, str]]]:
        profile = self.weighing.casework.profile(before)
        moment = now()
        refused = Status.REJECTED if legal_clock.started_at(before) else Status.NOT_ACCEPTED
        if error == "States.Timeout":
            found = [late_ground(before).found()]
            made = cards(found, GROUNDS, today=city_day(moment), profile=profile)
            return Status.EXPIRED, [recorded(card) for card in made]
        if error in ("Refused", "RegisterRefused"):
            made = cards(
                [self._refusal(before, error)], GROUNDS, today=city_day(moment), profile=profile
            )
            return refused, [recorded(card) for card in made]
        weighed = weigh_now(before, self.weighing.known(before), profile, moment)
        return refused, [recorded(card) for card in weighed.reasons]

    def _refusal(self, before: Application, error: str) -> Finding:
        ground = mishaps.REVIEW_REFUSED
        if error == "RegisterRefused":
            ground = mishaps.REGISTER_REFUSED
        elif before.status == Status.CONVERTED_ON_SITE:
            ground = mishaps.OFFICER_CONFIRMED
        elif before.status == Status.AWAITING_SOURCE:
            ground = mishaps.COSIGNATURE_REFUSED
        return ground.found(self.weighing.facts.newest(before.subject, ground.kind))


@dataclass(frozen=True)
class Freeing:
    """Gives a held number back."""

    casework: Casework
    numbers: Numbers

    @classmethod
    def from_env(cls) -> Self:
        return cls(Casework.from_env(), Numbers.from_env())

    def free(self, task: Task) -> str:
        before = self.casework.open(task)
        # First, and harmless again: once the case has no number, nobody would come back here.
        self.numbers.drop_hold(before.person_id, before.application_id)
        if not before.number:
            return "nothing_to_free"
        number = (before.plate_kind, before.number)
        also: list[Write] = []
        if self.numbers.reserved_by(before.application_id, *number):
            also.append(self.numbers.freeing(*number, application_id=before.application_id))
        barred = self._barred(before)
        if barred:
            also.append(self.numbers.barring(before.person_id, barred))
        self.casework.move(
            before,
            Status(before.status),
            by=task.actor,
            act="number_freed",
            also=also,
            told={"barred_until": barred} if barred else None,
            number="",
            number_held_until="",
        )
        return "freed"

    def _barred(self, before: Application) -> str:
        """Until when whoever left a chosen number unused chooses none; "" when nobody is barred."""
        left_unused = before.ending == Status.EXPIRED and before.status in _OWNERS_TURN
        if not (left_unused and before.number):
            return ""
        until = barred_until(now(), self.casework.profile(before))
        # One that lasts longer already stays as it is.
        longer = until and self.numbers.barred_until(before.person_id) < stamp(until)
        return stamp(until) if until and longer else ""


@dataclass(frozen=True)
class ClosingStopped:
    """Closes a stopped case."""

    casework: Casework
    facts: Facts
    payments: Payments
    questions: Questions

    @classmethod
    def from_env(cls) -> Self:
        return cls(Casework.from_env(), Facts.from_env(), Payments.from_env(), Questions.from_env())

    def close(self, task: Task) -> str:
        before = self.casework.open(task)
        ending = Status(before.ending)
        if before.status != ending:
            at = now()
            settled = self._settling(before, stamp(at))
            before = self.casework.move(
                before, ending, by=task.actor, act="ended", at=at, close=True, **settled
            )
        notify(self.questions, before, f"ended_{ending.value}")
        return ending.value

    def _settling(self, before: Application, at: str) -> dict[str, Any]:
        """Write into our books, with the end itself, what the payment office has confirmed."""
        if not before.fee_state:
            return {}
        confirmed = self.facts.newest(about_payment(before.payment_id), FactKind.REFUND)
        refunded = confirmed is not None and confirmed.says["status"] == "REFUNDED"
        state = REFUNDED if refunded else CANCELLED
        moved = self.payments.moving(before.payment_id, to=state, at=at)
        return {"fee_state": state, "also": [moved]}
