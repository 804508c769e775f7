"""Our books against a partner's statement of a day: what differs, and what is done about it.

A lost reply leaves a case open that the partner has closed. Its statement tells; its own signed
word, asked for again, closes the case, so that nothing is entered that nobody signed. What no word
can close is reported, and a person decides.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from chepai.domain.life_cycle import Status

UNDONE = frozenset({Status.WITHDRAWN, Status.REJECTED, Status.NOT_ACCEPTED, Status.EXPIRED})
"""How a case ends that keeps no fee."""
_ENTERED = frozenset({"REGISTERED", "REPLACED"})


class Difference(StrEnum):
    """In what two books differ; the catalogue says of each what comes next."""

    AMOUNT = "amount"
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    DOUBLE = "double"
    REFUND_MISSING = "refund_missing"
    UNLIKE = "unlike"
    NO_STATEMENT = "no_statement"


class Step(StrEnum):
    """What follows from a difference."""

    ASK = "ask"
    """The partner is asked what became of it; its signed answer goes the usual way."""
    REFUND = "refund"
    """The partner is to give back what it took for a case that has ended."""
    ENTER = "enter"
    """Its signed word is here: our books follow."""
    REPORT = "report"
    """Nobody's word mends it: a finding, for a person to decide."""


class Movement(NamedTuple):
    """A line of the treasury: money that came (PAID) or went back (REFUNDED), in fen."""

    act: str
    at: datetime
    payment_id: str
    order_no: str
    amount_fen: int

    @classmethod
    def of(cls, line: str) -> "Movement":
        act, at, payment_id, order_no, amount = line.split(" ")
        return cls(act, datetime.fromisoformat(at), payment_id, order_no, int(amount))


class Registration(NamedTuple):
    """A line of the national register, under the application that is its key."""

    act: str
    at: datetime
    application_id: str
    vin: str
    plate_no: str

    @classmethod
    def of(cls, line: str) -> "Registration":
        act, at, application_id, vin, plate_no, _certificate = line.split(" ")
        return cls(act, datetime.fromisoformat(at), application_id, vin, plate_no)


class Order(NamedTuple):
    """A line of a plate maker or print room."""

    act: str
    at: datetime
    application_id: str
    order_no: str

    @classmethod
    def of(cls, line: str) -> "Order":
        act, at, application_id, order_no = line.split(" ")
        return cls(act, datetime.fromisoformat(at), application_id, order_no)


@dataclass(frozen=True)
class Payment:
    """What we know of one payment: its row, the case it is for, and what the gateway told us.

    `paid_on` and `refunded_on` are days of the city by the gateway's word, None while it has given
    none. `status` and `fee_fen` are of the application, None where there is none. Amounts in fen.
    """

    payment_id: str
    application_id: str
    amount_fen: int
    state: str
    paid_on: date | None = None
    refunded_on: date | None = None
    status: Status | None = None
    fee_fen: int | None = None

    @property
    def has_ended(self) -> bool:
        return self.status in UNDONE


@dataclass(frozen=True)
class Case:
    """What we know of one case: how it stands, and which words of the partner arrived."""

    application_id: str
    status: Status
    vin: str
    number: str
    heard: frozenset[str] = field(default_factory=frozenset)
    """What the register said ("REGISTERED"), or the orders that a maker spoke of."""
    orders: frozenset[str] = field(default_factory=frozenset)


class Found(NamedTuple):
    """One difference: about which payment, case or order, and the amounts in the three books."""

    difference: Difference
    what: str
    about: str
    application_id: str
    step: Step
    application_fen: int | None = None
    ours_fen: int | None = None
    theirs_fen: int | None = None

    @property
    def only_here(self) -> bool:
        """Whether it is the statement that lacks something."""
        lacking = self.difference in (Difference.MISSING_THERE, Difference.REFUND_MISSING)
        return lacking and self.theirs_fen is None

    @property
    def name(self) -> str:
        """The same difference has the same name, however often it is found."""
        return f"{self.what}#{self.difference.value}#{self.about}"


def payments(
    day: date,
    ours: Mapping[str, Payment],
    theirs: Sequence[Movement],
    *,
    earlier: Collection[str] = (),
) -> list[Found]:
    """The three-way match of applications, payments and the treasury's statement of a day.

    `ours` holds every payment that the statement names, as far as we know it, and every one that
    was captured or refunded here on that day. `earlier` are payments that statements of the days
    before named: their word came late to us, and is missing nowhere.
    """
    moved: dict[str, list[Movement]] = defaultdict(list)
    for line in theirs:
        moved[line.payment_id].append(line)
    found: list[Found] = []
    for payment_id in sorted({*ours, *moved}):
        our, moves = ours.get(payment_id), moved.get(payment_id, [])
        if our is None:
            found += [_of_money(Difference.MISSING_HERE, each, Step.REPORT) for each in moves]
            continue
        paid = [each for each in moves if each.act == "PAID"]
        back = [each for each in moves if each.act == "REFUNDED"]
        found += _fee(day, our, paid, bool(back), payment_id in earlier)
        found += _refund(day, our, back, payment_id in earlier)
    return found


def _fee(
    day: date, our: Payment, paid: Sequence[Movement], back: bool, earlier: bool
) -> Iterator[Found]:
    if not paid:
        if our.paid_on == day and our.amount_fen and not earlier and our.state != "ordered":
            yield _of(Difference.MISSING_THERE, "fee", our, None, Step.REPORT)
        return
    total = sum(each.amount_fen for each in paid)
    if len(paid) > 1:
        yield _of(Difference.DOUBLE, "fee", our, total, Step.REPORT)
    elif total != our.amount_fen or our.fee_fen not in (None, our.amount_fen):
        yield _of(Difference.AMOUNT, "fee", our, total, Step.REPORT)
    if our.status is None:
        yield _of(Difference.MISSING_HERE, "fee", our, total, Step.REPORT)
    elif our.paid_on is None:
        if not (our.refunded_on and our.has_ended):
            yield _of(Difference.MISSING_HERE, "fee", our, total, Step.ASK)
    elif our.has_ended and not (back or our.refunded_on):
        yield _of(Difference.REFUND_MISSING, "refund", our, total, Step.REFUND)


def _refund(day: date, our: Payment, back: Sequence[Movement], earlier: bool) -> Iterator[Found]:
    if not back:
        told = our.refunded_on == day and our.state == "refunded"
        if told and our.amount_fen and not earlier:
            yield _of(Difference.REFUND_MISSING, "refund", our, None, Step.REPORT)
        elif our.has_ended and our.state == "cancelled" and our.paid_on and our.refunded_on:
            yield _of(Difference.MISSING_HERE, "refund", our, None, Step.ENTER)
        return
    total = sum(each.amount_fen for each in back)
    if len(back) > 1:
        yield _of(Difference.DOUBLE, "refund", our, total, Step.REPORT)
    elif total != our.amount_fen:
        yield _of(Difference.AMOUNT, "refund", our, total, Step.REPORT)
    if our.refunded_on is None:
        yield _of(Difference.MISSING_HERE, "refund", our, total, Step.ASK)
    elif our.has_ended and our.state == "cancelled" and our.paid_on:
        yield _of(Difference.MISSING_HERE, "refund", our, total, Step.ENTER)
    elif our.state == "captured" and not our.has_ended:
        # Given back although the case goes on, or went on to its end.
        yield _of(Difference.UNLIKE, "refund", our, total, Step.REPORT)


def registrations(
    ours: Mapping[str, Case],
    theirs: Sequence[Registration],
    *,
    here: Iterable[str] = (),
    earlier: Collection[str] = (),
) -> list[Found]:
    """What the register did against our cases; `here` are those registered here on that day."""
    last: dict[str, Registration] = {}
    for line in sorted(theirs, key=lambda each: each.at):
        last[line.application_id] = line
    found = []
    for application_id, line in sorted(last.items()):
        our = ours.get(application_id)
        if our is None:
            found.append(_of_case(Difference.MISSING_HERE, application_id, Step.REPORT))
        elif line.act in _ENTERED and (
            our.status in UNDONE or (line.vin, line.plate_no) != (our.vin, our.number)
        ):
            found.append(_of_case(Difference.UNLIKE, application_id, Step.REPORT))
        elif line.act not in our.heard:
            found.append(_of_case(Difference.MISSING_HERE, application_id, Step.ASK))
    entered = {each.application_id for each in last.values() if each.act in _ENTERED}
    alone = sorted(set(here) - entered - set(earlier))
    return found + [_of_case(Difference.MISSING_THERE, each, Step.REPORT) for each in alone]


def orders(ours: Mapping[str, Case], theirs: Sequence[Order]) -> list[Found]:
    """What was made against what we ordered and heard of."""
    found = []
    for line in sorted({each.order_no: each for each in theirs}.values()):
        our = ours.get(line.application_id)
        if our is None or line.order_no not in our.orders:
            step = Step.REPORT
        elif line.order_no not in our.heard:
            step = Step.ASK
        else:
            continue
        found.append(
            Found(Difference.MISSING_HERE, "order", line.order_no, line.application_id, step)
        )
    return found


def _of_money(difference: Difference, line: Movement, step: Step) -> Found:
    what = "fee" if line.act == "PAID" else "refund"
    return Found(difference, what, line.payment_id, "", step, theirs_fen=line.amount_fen)


def _of(difference: Difference, what: str, our: Payment, theirs: int | None, step: Step) -> Found:
    return Found(
        difference,
        what,
        our.payment_id,
        our.application_id,
        step,
        our.fee_fen,
        our.amount_fen,
        theirs,
    )


def _of_case(difference: Difference, application_id: str, step: Step) -> Found:
    return Found(difference, "registration", application_id, application_id, step)
