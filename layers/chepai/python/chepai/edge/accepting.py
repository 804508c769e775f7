"""Accepting an application: fee into our books, number for good, and the legal clock."""

from dataclasses import dataclass
from typing import Self

from chepai.domain import deadlines, mishaps
from chepai.domain.application import Application
from chepai.domain.choosing import given_back
from chepai.domain.life_cycle import Status
from chepai.domain.periods import city_day
from chepai.domain.reasons import cards
from chepai.domain.verification import GROUNDS
from chepai.edge.casework import Casework, notify
from chepai.edge.clock import now
from chepai.edge.questions import Questions
from chepai.edge.step import NumberLost, Task
from chepai.edge.weighing import recorded
from chepai.records.applications import stamp
from chepai.records.numbers import Numbers
from chepai.records.payments import CAPTURED, Payments
from chepai.records.table import ConditionFailed


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
        end = deadlines.legal_end(before.service, at, self.casework.profile(before))
        also = [self.payments.moving(before.payment_id, to=CAPTURED, at=stamp(at))]
        if before.number_held_until:
            # From here on the office works on it: the number can lapse no more. A car that bears
            # its number already holds none for this case.
            also.append(
                self.numbers.keeping(
                    before.plate_kind, before.number, application_id=before.application_id
                )
            )
        try:
            return self.casework.move(
                before, Status.ACCEPTED, by=task.actor, act="accepted", at=at, also=also,
                accepted_at=stamp(at), legal_end=end.isoformat(), fee_state=CAPTURED,
                number_held_until="",
            )  # fmt: skip
        except ConditionFailed as stood:
            if not before.number_held_until or not stood.failed[-1]:
                raise
        self._choose_again(before, task)
        raise NumberLost

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
