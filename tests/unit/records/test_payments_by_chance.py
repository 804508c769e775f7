"""Fees under any sequence of orders, payments, lost and repeated replies, ends and refunds.

The treasury's gateway is a model of a few lines; the books are the real ones, and so is what
reconciles them. Whatever happened: at rest the books are right (I4, I5), and nobody paid twice.
"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from moto import mock_aws

from chepai.domain.application import Application
from chepai.domain.facts import FactKind, about_payment, about_statement
from chepai.domain.fees import captured_in
from chepai.domain.invariants import Snapshot, check_all
from chepai.domain.ledger import Actor
from chepai.domain.life_cycle import Status
from chepai.domain.periods import city_day
from chepai.edge.casework import Casework
from chepai.edge.findings import Findings
from chepai.edge.ids import derived_id
from chepai.edge.questions import Question, Questions
from chepai.edge.reconciling import Reconciling
from chepai.edge.stopping import ClosingStopped
from chepai.partners.directory import USUAL
from chepai.records.applications import Applications, queue_shard, stamp
from chepai.records.aws import client
from chepai.records.cities import Cities
from chepai.records.facts import Facts
from chepai.records.payments import CAPTURED, Payments
from chepai.records.supervision import Supervision
from chepai.records.table import unpack
from chepai.records.traces import Traces
from infra.assets import ROOT
from infra.profile_check import load
from infra.stacks import records
from tests import tables

CASES = [f"app_{letter * 26}" for letter in "AB"]
BY = Actor(role="system", id="test")
FEE = 14000
TABLES = ("applications", "payments", "facts", "supervision", "traces", "ledger")
REPLIES = ("heard", "lost", "twice", "late")
PROFILE = load(ROOT / "cities" / "qingdao.toml")
SHOWN = {"I4", "I5", "I8", "I10"}

cases = st.sampled_from(CASES)
replies = st.sampled_from(REPLIES)


class Gateway(Questions):
    """The treasury's gateway: its orders, its book, and what it says of them."""

    def __init__(self, facts: Facts, at: datetime) -> None:
        super().__init__("nowhere")
        self.facts, self.at = facts, at
        self.orders: dict[str, dict[str, Any]] = {}
        self.book: list[str] = []
        self.late: list[tuple[str, str, int]] = []
        self.reply = "heard"
        self.said = 0

    def open(self, payment_id: str) -> None:
        self.orders.setdefault(
            payment_id, {"payment_id": payment_id, "amount_fen": FEE, "state": "OPEN"}
        )

    def pay(self, payment_id: str, *, although_closed: bool = False) -> None:
        order = self.orders[payment_id]
        payable = {"OPEN", "DECLINED"} | ({"CANCELLED"} if although_closed else set())
        if order["state"] in payable:
            self._move(order, "PAID")
            self.say(order)

    def decline(self, payment_id: str) -> None:
        order = self.orders[payment_id]
        if order["state"] in {"OPEN", "DECLINED"}:
            order["state"] = "DECLINED"
            self.say(order)

    def ask(self, *questions: Question) -> None:
        for asked in questions:
            if asked.kind != "payment":
                continue
            if asked.type == "payments.asked":
                self._state(asked)
            elif order := self.orders.get(str(asked.refs["payment_id"])):
                self._asked(asked, order)

    def _asked(self, asked: Question, order: dict[str, Any]) -> None:
        paid = order["state"] == "PAID"
        if asked.type == "payment.cancelled" and order["state"] != "REFUNDED":
            self._move(order, "REFUNDED") if paid else order.update(state="CANCELLED")
        if asked.type == "refund.ordered":
            if paid and asked.refs["paid_fen"] == FEE:
                self._move(order, "REFUNDED")
            if order["state"] != "REFUNDED":
                return
        self.say(order)

    def _move(self, order: dict[str, Any], to: str) -> None:
        order["state"] = to
        self.book.append(f"{to} {stamp(self.at)} {order['payment_id']} SB1 {FEE}")

    def say(self, order: dict[str, Any]) -> None:
        """The gateway's word on an order, as it reaches us, or does not."""
        word = (order["payment_id"], order["state"], self._next())
        match self.reply:
            case "lost":
                return
            case "late":
                self.late.append(word)
            case "twice":
                self._hear(*word)
                self._hear(*word)
            case _:
                self._hear(*word)

    def deliver(self) -> None:
        late, self.late = self.late, []
        # The last one first: nobody promised an order.
        for word in reversed(late):
            self._hear(*word)

    def _hear(self, payment_id: str, state: str, nth: int) -> None:
        kind = FactKind.REFUND if state in {"REFUNDED", "CANCELLED"} else FactKind.FEE
        says = {"status": state, "amount_fen": FEE, "order_no": "SB1"}
        self._keep(about_payment(payment_id), kind, says, nth)

    def _state(self, asked: Question) -> None:
        day = str(asked.refs["day"])
        lines = self.book if day == city_day(self.at).isoformat() else []
        says = {"day": day, "page": 1, "pages": 1, "lines": list(lines)}
        self._keep(
            about_statement(day, 1), FactKind.PAYMENTS_STATED, says, self._next(), asked.request_id
        )

    def _keep(self, subject: str, kind: FactKind, says: Any, nth: int, reply: str = "") -> None:
        at = self.at + timedelta(milliseconds=nth)
        self.facts.append(
            subject, kind, says, occurred_at=at, received_at=at, partner=USUAL["payment"],
            message_id=derived_id("msg", nth), kid="k1", reply_to=reply or None,
            digest=sha256(str(nth).encode()).hexdigest(),
        )  # fmt: skip

    def _next(self) -> int:
        self.said += 1
        return self.said


class PaymentsByChance(RuleBasedStateMachine):
    """Two cases, one fee each; what the gateway says may be lost, late, twice and out of order."""

    @initialize()
    def begin(self) -> None:
        self._patch = pytest.MonkeyPatch()
        for name, value in {
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "CHEPAI_STAGE": "sandbox",
            "CHEPAI_CITY": "qingdao",
            **tables.table_settings(),
        }.items():
            self._patch.setenv(name, value)
        client.cache_clear()
        self._aws = mock_aws()
        self._aws.start()
        for name in TABLES:
            tables.make_table(client("dynamodb"), tables.PLACE.name(name), records.TABLES[name])
        self._patch.setattr(Cities, "current", lambda _: PROFILE)
        self._patch.setattr(Cities, "profile", lambda *_: PROFILE)
        self.casework = Casework(Applications.from_env(), Cities.from_env())
        self.payments, self.facts = Payments.from_env(), Facts.from_env()
        self.at = datetime.now(UTC)
        self.gateway = Gateway(self.facts, self.at)
        self.closing = ClosingStopped(self.casework, self.facts, self.payments, self.gateway)
        self.reconciling = Reconciling(
            Findings(Supervision.from_env()), self.payments, self.facts, Traces.from_env(),
            self.gateway,
        )  # fmt: skip
        for case in CASES:
            self.file(case)

    def teardown(self) -> None:
        try:
            if hasattr(self, "reconciling"):
                self.comes_to_rest()
        finally:
            self._aws.stop()
            self._patch.undo()
            client.cache_clear()

    def file(self, case: str) -> None:
        letter = case[-1]
        fresh = Application(
            application_id=case, service="new_car", city="370200", profile_version="v1",
            person_id=f"per_{letter * 26}", status=Status.AWAITING_FEE.value,
            submitted_at=stamp(self.at), vin=f"LSVAAAAA1TA00000{'AB'.index(letter)}",
            payment_id=f"pay_{letter * 26}", queue_shard=queue_shard("owner", case),
            due_at=stamp(self.at + timedelta(days=1)), plate_kind="02",
        )  # fmt: skip
        self.casework.applications.file(fresh, actor=BY, key="one", fingerprint="f")

    # What the owner, the bank and the office do.

    @rule(case=cases)
    def orders(self, case: str) -> None:
        now = self.read(case)
        if self.is_open(now) and not now.fee_state:
            order = self.payments.ordering(now.payment_id, case, FEE, stamp(self.at))
            self.move(now, "fee_ordered", also=[order], fee_fen=FEE, fee_state="ordered")
            self.gateway.open(now.payment_id)

    @rule(case=cases, reply=replies, although_closed=st.booleans())
    def pays(self, case: str, reply: str, although_closed: bool) -> None:
        now = self.read(case)
        if now.fee_state:
            self.gateway.reply = reply
            self.gateway.pay(now.payment_id, although_closed=although_closed)

    @rule(case=cases, reply=replies)
    def is_declined(self, case: str, reply: str) -> None:
        now = self.read(case)
        if now.fee_state:
            self.gateway.reply = reply
            self.gateway.decline(now.payment_id)

    @rule()
    def late_words_arrive(self) -> None:
        self.gateway.deliver()

    @rule(case=cases)
    def is_accepted(self, case: str) -> None:
        now = self.read(case)
        if self.is_open(now) and not now.accepted_at and self.paid(now):
            captured = self.payments.moving(now.payment_id, to=CAPTURED, at=stamp(self.at))
            self.move(now, "accepted", Status.ACCEPTED, also=[captured],
                      accepted_at=stamp(self.at), fee_state=CAPTURED)  # fmt: skip

    @rule(case=cases, reply=replies)
    def withdraws(self, case: str, reply: str) -> None:
        """The flag first, then the way back: what was taken is refunded, what was not is closed."""
        now = self.read(case)
        if self.is_open(now):
            self.move(now, "stopped", ending=Status.WITHDRAWN.value)
            self.gateway.reply = reply
            self.asks_back(case)

    @rule(case=cases, reply=replies)
    def goes_on_back(self, case: str, reply: str) -> None:
        """The end is written when the gateway has said that it has let go of the money."""
        now = self.read(case)
        if not now.ending or now.status == Status.WITHDRAWN:
            return
        refund = self.facts.newest(about_payment(now.payment_id), FactKind.REFUND)
        told = refund and (refund.says["status"] == "REFUNDED" or not self.paid(now))
        if now.fee_state and not told:
            self.gateway.reply = reply
            self.asks_back(case)
            return
        settled = self.closing._settling(now, stamp(self.at))
        self.move(now, "ended", Status.WITHDRAWN, close=True, **settled)

    @rule()
    def is_reconciled(self) -> None:
        self.gateway.reply = "heard"
        self.reconciling.run(city_day(self.at).isoformat(), anew=True)

    def asks_back(self, case: str) -> None:
        now = self.read(case)
        if not now.fee_state:
            return
        type_ = "refund.ordered" if self.paid(now) else "payment.cancelled"
        refs = {"payment_id": now.payment_id, "amount_fen": FEE, "paid_fen": FEE}
        self.gateway.ask(Question("payment", type_, "req", "msg", case, refs=refs))

    # How.

    def read(self, case: str) -> Application:
        return self.casework.applications.read(case)

    def paid(self, now: Application) -> bool:
        return bool(captured_in(self.facts.of_kind(about_payment(now.payment_id), FactKind.FEE)))

    @staticmethod
    def is_open(now: Application) -> bool:
        return not now.ending and now.status != Status.WITHDRAWN

    def move(self, now: Application, act: str, to: Status | None = None, **more: Any) -> None:
        self.casework.move(now, to or Status(now.status), by=BY, act=act, at=self.at, **more)

    # What must hold: some of it always, the rest when all replies have come.

    @invariant()
    def nobody_pays_twice(self) -> None:
        if hasattr(self, "reconciling"):
            wrong = [each for each in check_all(self.picture()) if each.invariant in SHOWN - {"I5"}]
            assert [str(each) for each in wrong] == []
            for payment_id in self.gateway.orders:
                moved = [line.split()[0] for line in self.gateway.book if payment_id in line]
                assert abs(moved.count("PAID") - moved.count("REFUNDED")) <= 1

    def comes_to_rest(self) -> None:
        self.gateway.deliver()
        self.gateway.reply = "heard"
        for _ in range(4):
            for case in CASES:
                self.is_accepted(case)
                self.goes_on_back(case, "heard")
            self.is_reconciled()
        wrong = [each for each in check_all(self.picture()) if each.invariant in SHOWN]
        assert [str(each) for each in wrong] == []
        told = self.reconciling.run(city_day(self.at).isoformat())
        assert told[city_day(self.at).isoformat()]["payment"]["standing"] == "settled"
        for case in CASES:
            now, order = self.read(case), self.gateway.orders.get(f"pay_{case[-1] * 26}")
            # A case that paid and goes on was heard of, whatever was lost on the way.
            if order and order["state"] == "PAID" and self.is_open(now):
                assert now.accepted_at
            # And a refund that we know of, of what we know was paid, is in our books.
            if now.status == Status.WITHDRAWN and order and self.paid(now):
                assert (now.fee_state, order["state"]) == ("refunded", "REFUNDED")

    def picture(self) -> Snapshot:
        rows = {
            name: [
                unpack(item)
                for item in client("dynamodb").scan(TableName=tables.PLACE.name(name))["Items"]
            ]
            for name in TABLES
        }
        orders = list(self.gateway.orders.values())
        return replace(Snapshot(taken_at=self.at, tables=rows), orders=orders)


def test_the_books_are_right_along_four_seeded_ways() -> None:
    """Dense and always the same; the sequences that hypothesis thinks of are in the slow tier."""
    for seed in range(4):
        ours, city = random.Random(seed), PaymentsByChance()
        city.begin()
        try:
            for _ in range(24):
                case, reply = ours.choice(CASES), ours.choice(REPLIES)
                match ours.randrange(12):
                    case 0 if seed % 2:
                        city.withdraws(case, reply)
                    case 1 | 2:
                        city.goes_on_back(case, reply)
                    case 3:
                        city.late_words_arrive()
                    case 4:
                        city.is_reconciled()
                    case 5:
                        city.is_declined(case, reply)
                    case 6 | 7:
                        city.is_accepted(case)
                    case 8 | 9:
                        city.orders(case)
                    case _:
                        city.pays(case, reply, ours.random() < 0.5)
                city.nobody_pays_twice()
        finally:
            city.teardown()


def test_what_is_paid_after_the_end_is_given_back_although_no_word_of_it_came() -> None:
    city, (case, _) = PaymentsByChance(), CASES
    city.begin()
    try:
        city.orders(case)
        city.withdraws(case, "heard")
        city.goes_on_back(case, "heard")
        city.pays(case, "lost", although_closed=True)
        assert city.read(case).fee_state == "cancelled"
    finally:
        # Comes to rest, and holds the books to it.
        city.teardown()


TestPaymentsByChance = pytest.mark.slow(PaymentsByChance.TestCase)
TestPaymentsByChance.settings = settings(max_examples=40, stateful_step_count=25)
