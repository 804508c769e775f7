"""The cash desk: a fee taken in cash or by card, its receipt, and the count at the day's end.

The desk is a till of the treasury's: what it takes is told to the gateway, and the gateway's own
signed word moves the case on, as when somebody pays at their bank. So the day's statement has it,
and the daily match needs to know nothing of desks.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chepai.domain.application import Application
from chepai.domain.life_cycle import Act, Status
from chepai.domain.periods import city_day
from chepai.domain.refusals import FieldInvalid, FieldProblem, NotWaitingForThis
from chepai.edge.acting import Acting
from chepai.edge.api import Answer, Body, Call
from chepai.edge.asking_for import payment_taken
from chepai.edge.casework import look_again
from chepai.edge.clock import now
from chepai.edge.counter import day_of
from chepai.edge.ids import derived_id
from chepai.edge.questions import Questions
from chepai.edge.referring import Reference
from chepai.edge.roles import CLERK
from chepai.records.accesses import Accesses
from chepai.records.applications import stamp
from chepai.records.payments import CAPTURED, ORDERED, REFUNDED, Payments
from chepai.records.table import ConditionFailed, Row, TryAgain, transact
from chepai.records.takings import Takings

Fen = Annotated[int, Field(ge=0, le=10_000_000)]
CASH, CARD = "CASH", "CARD"
TRIES = 5


class TakeFee(Body):
    """The fee as it was taken at the desk: what was handed over, or the card terminal's slip."""

    method: Literal["CASH", "CARD"]
    amount_fen: Fen
    handed_fen: Fen | None = None
    terminal_slip: Reference | None = None


class FeeReceipt(Answer):
    """A receipt of the desk; `confirmed` once the treasury has said that it has the money."""

    receipt_no: str
    application_id: str
    payment_id: str
    method: str
    amount_fen: int
    handed_fen: int | None = None
    change_fen: int | None = None
    terminal_slip: str | None = None
    at: str
    unit: str
    confirmed: bool


class CashCount(Body):
    """What lay in the till when it was counted."""

    counted_fen: Fen


class CountDone(Answer):
    """The count against the receipts; `difference_fen` is what was counted over them."""

    expected_fen: int
    counted_fen: int
    difference_fen: int
    counted_at: str


class DeskDay(Answer):
    """A desk's day: every receipt, the sums by method, what the treasury has not confirmed."""

    day: str
    unit: str
    receipts: list[FeeReceipt]
    cash_fen: int
    card_fen: int
    unconfirmed: int
    count: CountDone | None = None


@dataclass(frozen=True)
class TakingFees:
    """The adapters that taking a fee takes."""

    acting: Acting
    takings: Takings
    questions: Questions

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env(), Takings.from_env(), Questions.from_env())

    def take(self, call: Call[TakeFee]) -> FeeReceipt:
        """Take the ordered fee, once; sent again, it is the same receipt and told once more.

        Raises NotWaitingForThis before the fee is ordered, FieldInvalid for another amount.
        """
        own = self.acting.read_own(call)
        row = self.takings.of_payment(own.payment_id)
        if row is None:
            taken: list[Row] = []

            def work(before: Application, at: datetime) -> Application:
                taken[:] = [_taking(before, call, at)]
                return self._entered(before, call, taken[0], at)

            own = self.acting.own(call, Act.PAY, work)
            row = taken[0]
        self.questions.ask(
            payment_taken(own, method=str(row["method"]), receipt_no=str(row["receipt_no"]))
        )
        return receipt(row, confirmed=own.fee_state == CAPTURED)

    def _entered(
        self, before: Application, call: Call[TakeFee], row: Row, at: datetime
    ) -> Application:
        told = {name: row[name] for name in ("receipt_no", "method", "amount_fen")}
        return self.acting.casework.move(
            before,
            Status(before.status),
            by=call.caller.actor(),
            act="fee_taken",
            at=at,
            also=[self.takings.taking(row)],
            told=told,
            # The money is here: should the treasury's word be lost, it is asked for soon.
            due_at=stamp(at + look_again("agency:treasury")),
        )


@dataclass(frozen=True)
class CashDesk:
    """The adapters of the day's end."""

    takings: Takings

    @classmethod
    def from_env(cls) -> Self:
        return cls(Takings.from_env())

    @cached_property
    def payments(self) -> Payments:
        # Who counts the till asks nothing of the treasury.
        return Payments.from_env()

    def day(self, call: Call[Any], day: str) -> DeskDay:
        """A day of the caller's desk, held against what the treasury confirmed."""
        unit = call.caller.unit
        rows = self.takings.of_desk(unit, day)
        states = self.payments.many([str(row["taking_id"]) for row in rows])
        receipts = [receipt(row, confirmed=_confirmed(states, row)) for row in rows]
        counted = self.takings.counted(unit, day)
        return DeskDay(
            day=day,
            unit=unit,
            receipts=receipts,
            cash_fen=_sum(rows, CASH),
            card_fen=_sum(rows, CARD),
            unconfirmed=sum(not each.confirmed for each in receipts),
            count=_count(counted) if counted else None,
        )

    def count(self, call: Call[CashCount]) -> CountDone:
        """Enter what the till held; counted again, the newest count stands, and both are kept."""
        unit, day, at = call.caller.unit, day_of(call.path["day"]), now()
        expected, counted = _sum(self.takings.of_desk(unit, day), CASH), call.body.counted_fen
        sets = {"expected_fen": expected, "counted_fen": counted, "counted_at": stamp(at)}
        book = Accesses()
        for _ in range(TRIES):
            said = {"day": day, "expected_fen": expected, "counted_fen": counted}
            by = call.caller.actor(CLERK)
            entry = book.next_entry(f"desk#{unit}", "takings_counted", said, actor=by)
            try:
                transact(self.takings.counting(unit, day, sets), book.ledger.appending(entry))
            except ConditionFailed:
                continue
            return _count(sets)
        raise TryAgain


def receipt(row: Row, *, confirmed: bool) -> FeeReceipt:
    handed = row.get("handed_fen")
    return FeeReceipt(
        receipt_no=row["receipt_no"],
        application_id=row["application_id"],
        payment_id=row["taking_id"],
        method=row["method"],
        amount_fen=row["amount_fen"],
        handed_fen=handed,
        change_fen=None if handed is None else handed - row["amount_fen"],
        terminal_slip=row.get("terminal_slip"),
        at=row["at"],
        unit=row["unit"],
        confirmed=confirmed,
    )


def _taking(before: Application, call: Call[TakeFee], at: datetime) -> Row:
    said, unit = call.body, call.caller.unit
    if before.fee_state != ORDERED:
        raise NotWaitingForThis(status=before.status, act="take_fee", possible="pay")
    if said.amount_fen != before.fee_fen:
        raise FieldInvalid(FieldProblem("amount_fen", "not_the_fee"))
    if said.method == CASH and (said.handed_fen or 0) < said.amount_fen:
        raise FieldInvalid(FieldProblem("handed_fen", "too_little"))
    if said.method == CARD and not said.terminal_slip:
        raise FieldInvalid(FieldProblem("terminal_slip", "missing"))
    day = city_day(at).isoformat()
    return {
        "taking_id": before.payment_id,
        "receipt_no": f"{day.replace('-', '')}-{derived_id('r', before.payment_id)[-8:]}",
        "application_id": before.application_id,
        "method": said.method,
        "amount_fen": said.amount_fen,
        "handed_fen": said.handed_fen if said.method == CASH else None,
        "terminal_slip": said.terminal_slip if said.method == CARD else None,
        "at": stamp(at),
        "unit": unit,
        "staff_id": call.caller.id,
        "session_id": str(call.caller.counter.get("session_id", "")),
        "desk_day": f"{unit}#{day}",
    }


def _confirmed(states: dict[str, Row], row: Row) -> bool:
    return states.get(str(row["taking_id"]), {}).get("state") in {CAPTURED, REFUNDED}


def _sum(rows: list[Row], method: str) -> int:
    return sum(int(row["amount_fen"]) for row in rows if row["method"] == method)


def _count(row: Row) -> CountDone:
    return CountDone(
        expected_fen=row["expected_fen"],
        counted_fen=row["counted_fen"],
        difference_fen=row["counted_fen"] - row["expected_fen"],
        counted_at=row["counted_at"],
    )
