"""Accepting an application: fee into our books, number for good, and the legal clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chepai.domain import legal_clock, mishaps
from chepai.domain.application import Application
from chepai.domain.choosing import given_back
from chepai.domain.life_cycle import Status
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.reasons import cards
from chepai.domain.verification import GROUNDS
from chepai.edge.casework import Casework, notify
from chepai.edge.clock import now
from chepai.edge.observing import tell_trouble
from chepai.edge.questions import Questions
from chepai.edge.step import NumberLost, Task
from chepai.edge.weighing import recorded
from chepai.records.applications import stamp
from chepai.records.numbers import Numbers
from chepai.records.payments import CAPTURED, Payments
from chepai.records.table import ConditionFailed, Write


@dataclass(frozen=True)
class Accepting:
    """The adapters that accepting takes."""

    casework: Casework
    numbers: Numbers
    payments: Payments
    questions: Questions

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Casework.from_env(), Numbers.from_env(), Payments.from_env(), Questions.from_env()
        )

    def accept(self, task: Task) -> str:
        """Raises `NumberLost` when the hold had lapsed and another owner has the number now."""
        before = self.casework.open(task)
        if not before.accepted_at:
            before = self._accept(before, task)
        if before.status == Status.ACCEPTED:
            notify(self.questions, before, "accepted")
        return "accepted"

    def _accept(self, before: Application, task: Task) -> Application:
        at = now()
        kept = self._keeping(before)
        try:
            return self._entered(before, task, at, kept)
        except ConditionFailed as stood:
            if not kept or not any(stood.failed[-2:]):
                raise
            if not stood.failed[-2]:
                # The hold had lapsed and its owner chose a number for another car meanwhile; the
                # number of this one nobody took.
                return self._entered(before, task, at, kept[:1])
        self._choose_again(before, task)
        raise NumberLost

    def _keeping(self, before: Application) -> list[Write]:
        """From here on the office works on it: the number can lapse no more.

        A car that bears its number already holds none for this case.
        """
        if not before.number_held_until:
            return []
        return self.numbers.keeping(
            before.plate_kind,
            before.number,
            application_id=before.application_id,
            person_id=before.person_id,
        )

    def _entered(
        self, before: Application, task: Task, at: datetime, kept: Sequence[Write]
    ) -> Application:
        paid = self.payments.moving(before.payment_id, to=CAPTURED, at=stamp(at))
        return self.casework.move(
            before, Status.ACCEPTED, by=task.actor, act="accepted", at=at, also=[paid, *kept],
            accepted_at=stamp(at), fee_state=CAPTURED, number_held_until="",
            **self._clock(before, at),
        )  # fmt: skip

    def _clock(self, before: Application, at: datetime) -> dict[str, Any]:
        """The last day for a decision; a case accepted by silence keeps the one it has."""
        if legal_clock.started_at(before):
            return {}
        law = self._in_force(before, at)
        end = legal_clock.deadline_of(before.service, at, law)
        clock = {"law": law.version} if law.version != before.profile_version else {}
        return {
            "legal_end": end.last_day.isoformat(),
            **({"clock": {**before.clock, **clock}} if clock else {}),
        }

    def _in_force(self, before: Application, at: datetime) -> CityProfile:
        """The profile in force today: for the clock it is that of acceptance, not of filing."""
        filed_under = self.casework.profile(before)
        try:
            current = self.casework.cities.current()
        except Exception as error:  # noqa: BLE001 (a broken new version stops no old case)
            tell_trouble("no_profile", error, application_id=before.application_id)
            return filed_under
        return current if current.valid_from <= city_day(at) else filed_under

    def _choose_again(self, before: Application, task: Task) -> None:
        """The owner chooses another number; signature and fee are kept."""
        at, profile = now(), self.casework.profile(before)
        lost = cards([mishaps.HOLD_LAPSED.found()], GROUNDS, today=city_day(at), profile=profile)
        after = self.casework.move(
            before, Status.AWAITING_OWNER, by=task.actor, act="number_lost", at=at,
            number="", number_held_until="", reasons=[recorded(card) for card in lost],
            # The fee is paid: whoever came this far is not sent away for want of a try.
            **given_back(before, profile.numsel),
        )  # fmt: skip
        notify(self.questions, after, "number_lost")
