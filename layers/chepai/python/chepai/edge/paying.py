"""Paying: one order a case, opened at the treasury's gateway; asked twice, it is one order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chepai.domain import fees
from chepai.domain.application import Application
from chepai.domain.choosing import kept_for_the_fee
from chepai.domain.facts import Agency, FactKind, about_payment
from chepai.domain.fees import Bill, captured_in
from chepai.domain.life_cycle import Act, Status
from chepai.domain.refusals import AddressMissing, AlreadyPaid, HoldLapsed
from chepai.edge.acting import Acting
from chepai.edge.api import Answer, Call
from chepai.edge.asking_for import payment_order
from chepai.edge.casework import look_again
from chepai.edge.questions import Questions
from chepai.edge.texts import say_in_both
from chepai.edge.views import Texts
from chepai.records.applications import stamp
from chepai.records.numbers import Numbers
from chepai.records.payments import CAPTURED, ORDERED, Payments
from chepai.records.table import ConditionFailed, Write


class Line(Answer):
    """One line of the bill; a waived one stays visible with nothing to pay. Amounts in fen."""

    item: str
    name: Texts
    pieces: int
    each_fen: int
    waived: bool
    amount_fen: int


class Order(Answer):
    """What is to be paid to the treasury; the gateway's page takes the payment id."""

    location: str
    payment_id: str
    amount_fen: int
    lines: list[Line]
    state: str


@dataclass(frozen=True)
class Paying:
    """The adapters that ordering a fee takes."""

    acting: Acting
    payments: Payments
    questions: Questions
    numbers: Numbers

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env(), Payments.from_env(), Questions.from_env(), Numbers.from_env())

    def order(self, call: Call[Any]) -> Order:
        """Open the order, or open it again. Raises AlreadyPaid, AddressMissing, HoldLapsed."""
        own = self.acting.read_own(call)
        if own.fee_state == CAPTURED or self._paid(own):
            raise AlreadyPaid

        def work(before: Application, at: datetime) -> Application:
            if before.fee_state == ORDERED:
                return before
            if not before.address_kept_at:
                raise AddressMissing
            return self._ordered(before, self._bill(before).total_fen, call, at)

        after = self.acting.own(call, Act.PAY, work)
        if after.fee_fen:
            self.questions.ask(payment_order(after))
        return shown(after, self._bill(after))

    def _bill(self, application: Application) -> Bill:
        profile = self.acting.profile(application)
        return fees.price(
            application.service,
            profile.fees,
            temporary_plates=len(application.temporary_plates),
            parcels=profile.courier.parcels,
        )

    def _ordered(
        self, before: Application, total: int, call: Call[Any], at: datetime
    ) -> Application:
        kept, until = self._keeping(before, at)
        order = self.payments.ordering(before.payment_id, before.application_id, total, stamp(at))
        also = [*kept, order]
        if not total:
            # Everything is waived: there is nothing that the gateway could tell us later.
            says = {"status": "PAID", "amount_fen": 0, "order_no": before.payment_id}
            about = about_payment(before.payment_id)
            also.append(self.acting.facts.appending(about, FactKind.FEE, says, at=at, by="waived"))
        try:
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(),
                act="fee_ordered",
                at=at,
                also=also,
                # The owner may pay at once and the gateway's word be lost: it is asked soon.
                due_at=stamp(at + look_again(f"agency:{Agency.TREASURY}")),
                fee_fen=total,
                fee_state=ORDERED,
                number_held_until=until,
            )
        except ConditionFailed as stood:
            # The case and its entry come first, then the number.
            if kept and stood.failed[2]:
                raise HoldLapsed from None
            raise

    def _keeping(self, before: Application, at: datetime) -> tuple[list[Write], str]:
        """Nobody pays for a number that is another's: one that lapses soon is kept for the fee.

        Once an order only: it costs nothing, and would else keep a number for ever.
        """
        if not before.number_held_until:
            return [], ""
        held_until = datetime.fromisoformat(before.number_held_until)
        until = kept_for_the_fee(held_until, at)
        if until == held_until:
            return [], before.number_held_until
        kept = self.numbers.keeping_longer(
            before.plate_kind,
            before.number,
            application_id=before.application_id,
            person_id=before.person_id,
            until=until,
        )
        return kept, stamp(until)

    def _paid(self, application: Application) -> bool:
        about = about_payment(application.payment_id)
        return bool(captured_in(self.acting.facts.of_kind(about, FactKind.FEE)))


def shown(application: Application, bill: Bill) -> Order:
    return Order(
        location=f"/v1/applications/{application.application_id}",
        payment_id=application.payment_id,
        amount_fen=application.fee_fen,
        state=application.fee_state,
        lines=lines(bill),
    )


def lines(bill: Bill) -> list[Line]:
    """The bill line by line."""
    return [
        Line(
            item=line.item,
            name=say_in_both("services", f"fee.{line.item}"),
            pieces=line.pieces,
            each_fen=line.each_fen,
            waived=line.waived,
            amount_fen=line.amount_fen,
        )
        for line in bill.lines
    ]
