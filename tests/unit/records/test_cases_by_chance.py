"""Cases, numbers and payments under any sequence of acts, lost replies and repetitions.

Hypothesis makes the sequences; after each act the whole of the records is held to the invariants,
and to a model of what was done.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from moto import mock_aws

from chepai.domain.application import Application
from chepai.domain.invariants import Snapshot, check_all
from chepai.domain.ledger import Actor
from chepai.domain.life_cycle import Status
from chepai.domain.refusals import Refusal
from chepai.edge.casework import Casework
from chepai.records.applications import Applications, queue_shard, stamp
from chepai.records.aws import client
from chepai.records.cities import Cities
from chepai.records.numbers import Numbers
from chepai.records.payments import CANCELLED, CAPTURED, REFUNDED, Payments
from chepai.records.table import ConditionFailed, TryAgain, unpack
from chepai.records.vehicles import Vehicles
from infra.stacks import records
from tests import tables

CASES = [f"app_{letter * 26}" for letter in "AB"]
NUMBERS = ["鲁B00001", "鲁B00002"]
BY = Actor(role="system", id="test")
FEE = 14000
TABLES = ("applications", "numbers", "payments", "vehicles", "ledger")
# What the records alone can show; the others look at partners and at time.
SHOWN = {"I1", "I2", "I3", "I4", "I5", "I6", "I8", "I10"}

NOT_NOW = (ConditionFailed, TryAgain, Refusal)

cases = st.sampled_from(CASES)
lost = st.booleans()


class CasesByChance(RuleBasedStateMachine):
    """Two cases want two numbers; any reply may be lost after its commit."""

    @initialize()
    def begin(self) -> None:
        self._patch = pytest.MonkeyPatch()
        for name, value in {
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            **tables.table_settings(),
        }.items():
            self._patch.setenv(name, value)
        client.cache_clear()
        self._aws = mock_aws()
        self._aws.start()
        for name in TABLES:
            tables.make_table(client("dynamodb"), tables.PLACE.name(name), records.TABLES[name])
        self.casework = Casework(Applications.from_env(), Cities.from_env())
        self.numbers, self.payments = Numbers.from_env(), Payments.from_env()
        self.vehicles = Vehicles.from_env()
        self.registered: dict[str, str] = {}
        self.captured: set[str] = set()
        self.at = datetime.now(UTC)
        for case in CASES:
            self.file(case, lost=False)

    def teardown(self) -> None:
        self._aws.stop()
        self._patch.undo()
        client.cache_clear()

    # What is done, as the steps do it: read the case, write under conditions, and again.

    @rule(case=cases, lost=lost)
    def files_again(self, case: str, lost: bool) -> None:
        self.file(case, lost=lost)

    def file(self, case: str, *, lost: bool) -> None:
        letter = case[-1]
        fresh = Application(
            application_id=case,
            service="new_car",
            city="370200",
            profile_version="v1",
            person_id=f"per_{letter * 26}",
            status=Status.AWAITING_OWNER.value,
            submitted_at=stamp(self.at),
            vin=f"LSVAAAAA1TA00000{'ABC'.index(letter)}",
            payment_id=f"pay_{letter * 26}",
            queue_shard=queue_shard("owner", case),
            due_at=stamp(self.at + timedelta(days=1)),
            plate_kind="02",
        )

        def work() -> None:
            self.casework.applications.file(fresh, actor=BY, key="one", fingerprint="f")

        self.does(work, lost)

    @rule(case=cases, number=st.sampled_from(NUMBERS), lost=lost)
    def goes_on(self, case: str, number: str, lost: bool) -> None:
        """Whatever comes next for the case."""
        before = self.read(case)
        if before is None:
            return
        match Status(before.status):
            case Status.AWAITING_OWNER:
                self.chooses(before.application_id, number, lost)
            case Status.AWAITING_FEE if not before.fee_state:
                self.orders(before.application_id, lost)
            case Status.AWAITING_FEE:
                self.accepts(before.application_id, lost)
            case _:
                self.registers(before.application_id, lost)

    def chooses(self, case: str, number: str, lost: bool) -> None:
        def work(before: Application) -> None:
            held = self.numbers.holding(
                "02", number, application_id=case, person_id=before.person_id,
                until=self.at + timedelta(days=3), now=self.at,
            )  # fmt: skip
            self.move(before, Status.AWAITING_FEE, "number_chosen", also=held, number=number,
                      number_held_until=stamp(self.at + timedelta(days=3)))  # fmt: skip

        self.in_status(case, Status.AWAITING_OWNER, work, lost)

    def orders(self, case: str, lost: bool) -> None:
        def work(before: Application) -> None:
            if before.fee_state:
                return
            order = self.payments.ordering(before.payment_id, case, FEE, stamp(self.at))
            self.move(before, Status.AWAITING_FEE, "fee_ordered", also=[order], fee_fen=FEE,
                      fee_state="ordered")  # fmt: skip

        self.in_status(case, Status.AWAITING_FEE, work, lost)

    def accepts(self, case: str, lost: bool) -> None:
        def work(before: Application) -> None:
            if not before.fee_state or before.ending:
                return
            also = [
                self.payments.moving(before.payment_id, to=CAPTURED, at=stamp(self.at)),
                *self.numbers.keeping(
                    "02", before.number, application_id=case, person_id=before.person_id
                ),
            ]
            self.move(before, Status.ACCEPTED, "accepted", also=also, accepted_at=stamp(self.at),
                      fee_state=CAPTURED, number_held_until="")  # fmt: skip

        self.in_status(case, Status.AWAITING_FEE, work, lost)

    def registers(self, case: str, lost: bool) -> None:
        def ask(before: Application) -> None:
            self.move(before, Status.APPROVED, "approved")
            self.move(self.read(case), Status.REGISTERING, "register_asked")

        self.in_status(case, Status.ACCEPTED, ask, lost=False)

        def enter(before: Application) -> None:
            car = {"vin": before.vin, "application_id": case, "number": before.number,
                   "plate_kind": "02", "person_id": before.person_id}  # fmt: skip
            also = [
                self.numbers.binding("02", before.number, application_id=case, vin=before.vin),
                self.vehicles.entering(car),
            ]
            self.move(before, Status.REGISTERED, "registered", also=also)

        self.in_status(case, Status.REGISTERING, enter, lost)
        if (now := self.read(case)) and now.status == Status.REGISTERED:
            self.does(lambda: self.numbers.drop_hold(now.person_id, case), lost)

    @rule(case=cases, lost=lost)
    def ends(self, case: str, lost: bool) -> None:
        before = self.read(case)
        if before is None or before.status not in {Status.AWAITING_OWNER, Status.AWAITING_FEE,
                                                   Status.ACCEPTED}:  # fmt: skip
            return
        self.does(lambda: self.numbers.drop_hold(before.person_id, case), lost)

        def close(now: Application) -> None:
            also = []
            if now.number:
                also.append(self.numbers.freeing("02", now.number, application_id=case))
            if now.fee_state:
                to = REFUNDED if now.fee_state == CAPTURED else CANCELLED
                also.append(self.payments.moving(now.payment_id, to=to, at=stamp(self.at)))
            self.move(now, Status.WITHDRAWN, "ended", also=also, close=True, number="",
                      ending="withdrawn", number_held_until="")  # fmt: skip

        self.in_status(case, Status(before.status), close, lost)

    # How.

    def read(self, case: str) -> Application | None:
        row = self.casework.applications.get({"application_id": case})
        return Application.of(row) if row else None

    def move(self, before: Application | None, to: Status, act: str, **more: Any) -> None:
        assert before is not None
        self.casework.move(before, to, by=BY, act=act, at=self.at, **more)

    def in_status(self, case: str, status: Status, work: Any, lost: bool) -> None:
        """Do it if the case stands there, with what was read before each try."""

        def again() -> None:
            before = self.read(case)
            if before is not None and before.status == status:
                work(before)

        self.does(again, lost)

    def does(self, work: Any, lost: bool) -> None:
        """Do it; a reply that is lost after its commit makes whoever asked do it once more."""
        if lost:
            with pytest.MonkeyPatch.context() as patch:
                for verb in ("transact_write_items", "update_item"):
                    patch.setattr(client("dynamodb"), verb, _losing(verb))
                try:
                    work()
                except ConnectionClosedError:
                    pass
                except NOT_NOW:
                    return
        try:
            work()
        except NOT_NOW:
            return

    # What must hold after each act.

    @invariant()
    def all_holds(self) -> None:
        if not hasattr(self, "casework"):
            return
        rows = _rows()
        wrong = check_all(Snapshot(taken_at=self.at, tables=rows))
        assert [str(each) for each in wrong if each.invariant in SHOWN] == []
        for car in rows["vehicles"]:
            known = self.registered.setdefault(str(car["vin"]), str(car["number"]))
            assert known == car["number"]
        now = {str(row["payment_id"]) for row in rows["payments"] if row.get("captured_at")}
        assert now >= self.captured
        self.captured = now


def _losing(verb: str) -> Any:
    real = getattr(client("dynamodb"), verb)

    def call(**asked: Any) -> None:
        real(**asked)
        raise ConnectionClosedError(endpoint_url="x")

    return call


def _rows() -> dict[str, list[dict[str, Any]]]:
    return {
        name: [
            unpack(item)
            for item in client("dynamodb").scan(TableName=tables.PLACE.name(name))["Items"]
        ]
        for name in TABLES
    }


def test_cases_held_to_the_invariants_along_three_seeded_ways() -> None:
    """Dense and always the same; the sequences that hypothesis thinks of are in the slow tier."""
    for seed in range(3):
        ours, city = random.Random(seed), CasesByChance()
        city.begin()
        try:
            for _ in range(24):
                case, reply_lost = ours.choice(CASES), ours.random() < 0.4
                match ours.randrange(10):
                    case 0:
                        city.ends(case, reply_lost)
                    case 1:
                        city.files_again(case, reply_lost)
                    case _:
                        city.goes_on(case, ours.choice(NUMBERS), reply_lost)
                city.all_holds()
        finally:
            city.teardown()


TestCasesByChance = pytest.mark.slow(CasesByChance.TestCase)
TestCasesByChance.settings = settings(max_examples=60, stateful_step_count=25)
