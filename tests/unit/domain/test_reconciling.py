"""Exactly the differences that were sown are found, whatever their number and order."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeAlias

import pytest

from chepai.domain.life_cycle import Status
from chepai.domain.reconciling import (
    Case,
    Difference,
    Found,
    Movement,
    Order,
    Payment,
    Registration,
    Step,
    orders,
    payments,
    registrations,
)

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
FEE = 14000
D = Difference


def paid(payment_id: str, amount: int = FEE, order: str = "SB1", act: str = "PAID") -> Movement:
    return Movement(act, AT, payment_id, order, amount)


def ours(payment_id: str, **other: object) -> Payment:
    """A payment that every book tells alike: captured, and its car registered."""
    whole = {"application_id": f"app-{payment_id}", "amount_fen": FEE, "state": "captured",
             "paid_on": DAY, "status": Status.CLOSED, "fee_fen": FEE}  # fmt: skip
    return Payment(payment_id, **(whole | other))  # type: ignore[arg-type]


def undone(payment_id: str, **other: object) -> Payment:
    """One that was taken and given back on the same day."""
    return ours(payment_id, **({"state": "refunded", "refunded_on": DAY,
                                "status": Status.WITHDRAWN} | other))  # fmt: skip


BACK = "REFUNDED"
ENDED = {"status": Status.EXPIRED, "state": "cancelled"}
# What each book says of one payment, and what has to be found: (ours, theirs, what was found).
Sown: TypeAlias = tuple[
    Callable[[str], Payment | None],
    Callable[[str], list[Movement]],
    set[tuple[Difference, str, Step]],
]
SOWN: list[Sown] = [
    (lambda p: None, lambda p: [paid(p)], {(D.MISSING_HERE, "fee", Step.REPORT)}),
    (ours, lambda p: [], {(D.MISSING_THERE, "fee", Step.REPORT)}),
    (ours, lambda p: [paid(p, FEE + 1)], {(D.AMOUNT, "fee", Step.REPORT)}),
    (lambda p: ours(p, fee_fen=1), lambda p: [paid(p)], {(D.AMOUNT, "fee", Step.REPORT)}),
    (ours, lambda p: [paid(p), paid(p, order="SB2")],
     {(D.DOUBLE, "fee", Step.REPORT)}),
    (lambda p: ours(p, paid_on=None, state="ordered", status=Status.AWAITING_FEE),
     lambda p: [paid(p)], {(D.MISSING_HERE, "fee", Step.ASK)}),
    (lambda p: ours(p, paid_on=None, **ENDED), lambda p: [paid(p)],
     {(D.MISSING_HERE, "fee", Step.ASK)}),
    (lambda p: ours(p, **ENDED), lambda p: [paid(p)],
     {(D.REFUND_MISSING, "refund", Step.REFUND)}),
    (undone, lambda p: [paid(p)], {(D.REFUND_MISSING, "refund", Step.REPORT)}),
    # A case on its way back keeps the status in which it was stopped.
    (lambda p: ours(p, status=Status.ACCEPTED), lambda p: [paid(p), paid(p, act=BACK)],
     {(D.MISSING_HERE, "refund", Step.ASK)}),
    (lambda p: undone(p, state="cancelled"), lambda p: [paid(p), paid(p, act=BACK)],
     {(D.MISSING_HERE, "refund", Step.ENTER)}),
    (undone, lambda p: [paid(p), paid(p, FEE - 5, act=BACK)],
     {(D.AMOUNT, "refund", Step.REPORT)}),
    (lambda p: ours(p, refunded_on=DAY), lambda p: [paid(p), paid(p, act=BACK)],
     {(D.UNLIKE, "refund", Step.REPORT)}),
    (lambda p: ours(p, status=None, fee_fen=None), lambda p: [paid(p)],
     {(D.MISSING_HERE, "fee", Step.REPORT)}),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_exactly_what_was_sown_among_many_is_found(seed: int) -> None:
    luck = random.Random(seed)
    here: dict[str, Payment] = {}
    there: list[Movement] = []
    sown: dict[str, set[tuple[Difference, str, Step]]] = {}
    for n in range(400):
        name = f"pay_{n:03}"
        if n % 20 == 3:
            mine, theirs, wrong = SOWN[(n // 20) % len(SOWN)]
            if (row := mine(name)) is not None:
                here[name] = row
            there += theirs(name)
            sown[name] = wrong
        elif n % 7 == 0:
            here[name] = undone(name)
            there += [paid(name), paid(name, act=BACK)]
        elif n % 11 == 0:
            # Waived: the treasury hears of no fee of nothing.
            here[name] = ours(name, amount_fen=0, fee_fen=0)
        elif n % 13 == 0:
            here[name] = ours(name, state="ordered", paid_on=None, status=Status.AWAITING_FEE)
        else:
            here[name] = ours(name)
            there.append(paid(name))
    luck.shuffle(there)
    found = payments(DAY, dict(luck.sample(sorted(here.items()), len(here))), there)
    told: dict[str, set[tuple[Difference, str, Step]]] = {}
    for one in found:
        told.setdefault(one.about, set()).add((one.difference, one.what, one.step))
    assert told == sown
    assert len(found) == len(sown) == 20


def test_what_an_earlier_statement_named_is_missing_nowhere() -> None:
    late = {"p": ours("p")}
    assert [each.difference for each in payments(DAY, late, [])] == [D.MISSING_THERE]
    assert payments(DAY, late, [], earlier={"p"}) == []


def test_a_payment_of_another_day_is_not_looked_for_in_this_one() -> None:
    assert payments(DAY, {"p": ours("p", paid_on=date(2026, 11, 24))}, []) == []


def line(act: str = "REGISTERED", vin: str = "V", plate: str = "鲁B00001") -> Registration:
    return Registration(act, AT, "app", vin, plate)


def case(status: Status = Status.REGISTERING, *heard: str) -> dict[str, Case]:
    return {"app": Case("app", status, "V", "鲁B00001", frozenset(heard), frozenset({"app-1"}))}


@pytest.mark.parametrize(
    ("known", "lines", "found"),
    [
        (case(), [line()], (D.MISSING_HERE, Step.ASK)),
        (case(Status.REGISTERED, "REGISTERED"), [line()], None),
        ({}, [line()], (D.MISSING_HERE, Step.REPORT)),
        (case(), [line(vin="W")], (D.UNLIKE, Step.REPORT)),
        (case(), [line(plate="鲁B00002")], (D.UNLIKE, Step.REPORT)),
        (case(Status.WITHDRAWN), [line()], (D.UNLIKE, Step.REPORT)),
        (case(), [line("REFUSED")], (D.MISSING_HERE, Step.ASK)),
        (case(Status.REJECTED, "REFUSED"), [line("REFUSED")], None),
    ],
)  # fmt: skip
def test_registrations(known, lines, found) -> None:
    told = registrations(known, lines)
    assert [(each.difference, each.step) for each in told] == ([found] if found else [])


def test_a_registration_that_only_we_know() -> None:
    (told,) = registrations({}, [], here=["app"])
    assert (told.difference, told.about) == (D.MISSING_THERE, "app")
    assert registrations({}, [], here=["app"], earlier={"app"}) == []


def test_orders() -> None:
    made = Order("MADE", AT, "app", "app-1")
    assert [e.step for e in orders(case(), [made])] == [Step.ASK]
    assert orders(case(Status.IN_PRODUCTION, "app-1"), [made]) == []
    assert [e.step for e in orders({}, [made])] == [Step.REPORT]
    assert [e.step for e in orders(case(), [made._replace(order_no="app-2")])] == [Step.REPORT]


def test_lines_are_read_as_they_are_written() -> None:
    assert Movement.of("PAID 2026-11-23T04:00:00Z pay_1 SB1 14000") == paid("pay_1")
    assert Registration.of("REFUSED 2026-11-23T04:00:00Z app V 鲁B00001 -") == line("REFUSED")
    assert Found(D.DOUBLE, "fee", "p", "", Step.REPORT).name == "fee#double#p"
