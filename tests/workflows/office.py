"""One city's office in a test: the real machine, steps and records, and people who act."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from importlib import import_module
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from chepai.domain.application import Application
from chepai.domain.facts import FactKind, about_payment
from chepai.domain.ledger import Actor
from chepai.domain.life_cycle import Status, may_become
from chepai.domain.routing import owner_is_ready
from chepai.edge.casework import Casework, look_again
from chepai.edge.clock import now
from chepai.edge.ids import derived_id, new_id
from chepai.edge.starting import start
from chepai.records.applications import Applications, queue_shard, stamp
from chepai.records.aws import client
from chepai.records.facts import Appended, Facts
from chepai.records.ledger import Ledger
from chepai.records.numbers import Numbers
from chepai.records.payments import ORDERED, Payments
from chepai.records.seals import Seals
from infra.access import of_group
from infra.definitions import steps_of
from infra.local.machine import Machine, Parked, Run, Walk
from infra.workflows import new_car
from tests.tables import PLACE
from tests.workflows.truth import NOT_CONNECTED, Partners, Truth

PATIENCE = 20.0
FEE_FEN = 14_000
NUMBER = "鲁B2K345"
CLERK_STATE = "A clerk must look at this"
SWEEP_SECONDS = 0.1
FACTS = PLACE.name("facts")
LOCK = threading.RLock()
"""The simulated tables roll a failed transaction back for all writers: one function at a time."""

OWNER = "Wait for the owner to sign and choose a number"
FEE = "Wait for the fee"
CHECK_STATUS = "Check the status of the car"
CORRECTION = "Wait for a correction"
AGENCY = "Wait for the agency"
INSPECTION = "Wait for the inspection"
OFFICER = "Hand to an officer"
REVIEW = "Review the application"
RECHECK = "Check the facts again before registration"
ASK = "Ask the national register"
MAKE = "Make the plates and papers"
SEND = "Send the parcel"
KEEP = "Keep the parcel for pick-up"
_ANSWERED_BEFORE_THE_OWNER = (CHECK_STATUS, CORRECTION, AGENCY, INSPECTION, OFFICER)

Handler = Callable[[Any, Any], Any]


class Office:
    """A case from the owner's application to the end of its machine.

    `stream` false leaves new facts to the sweeper, `swept` lets it look now and then beside the
    stream; `twice` runs every step a second time with the same task and expects the same outcome.
    """

    def __init__(self, *, stream: bool = True, twice: bool = False, truth: Truth | None = None):
        self.stream, self.twice = stream, twice
        self.swept = not stream
        self.truth = truth or Truth()
        self.partners = Partners(self.truth, self.says)
        self.applications = Applications.from_env()
        self.casework = Casework.from_env()
        self.facts = Facts.from_env()
        self.ledger = Ledger.from_env()
        self.numbers = Numbers.from_env()
        self.payments = Payments.from_env()
        self.broken: dict[str, int] = {}
        self.touched: dict[str, Counter[tuple[str, str]]] = {}
        self.application_id = ""
        # What the test itself reads meanwhile, in its own thread, is no step's.
        self._running = ContextVar("running", default="")
        self._fresh: list[dict[str, Any]] = []
        self._sent = 0
        self._next_sweep = 0.0
        self._runs: dict[str, Run] = {}
        self.resume = import_module("functions.background.resume.handler").handler
        sweep = import_module("functions.background.sweep.handler")
        self.sweeper, self.sweeping = sweep.handler, sweep.sweeping
        self.machine = self._machine()

    # What the owner and the staff do

    def file(self, **differs: Any) -> Application:
        """The owner hands the application in, and its machine starts."""
        application_id, at = new_id("app"), now()
        self.application_id = application_id
        fresh = Application(
            application_id=application_id,
            service="new_car",
            city="370200",
            profile_version=self.casework.cities.current().version,
            person_id=self.truth.person_id,
            status=Status.VERIFYING.value,
            submitted_at=stamp(at),
            vin=self.truth.vin,
            filed_by="owner",
            queue_shard=queue_shard("system", application_id),
            due_at=stamp(at + look_again("system")),
            entries={"use_character": "A"},
            payment_id=derived_id("pay", application_id),
        )
        filed = self.applications.file(
            replace(fresh, **differs),
            actor=self.owner,
            key=new_id("idem"),
            fingerprint="f",
        )
        start(filed)
        return filed

    @property
    def owner(self) -> Actor:
        return Actor(role="citizen", id=self.truth.person_id)

    def case(self) -> Application:
        return self.applications.read(self.application_id)

    def sign(self) -> None:
        with LOCK:
            self._owner_did("signed", signed={"digest": "d", "method": "FACE", "at": stamp(now())})

    def choose(self, number: str = NUMBER, *, until: datetime | None = None) -> None:
        with LOCK:
            before, at = self.case(), now()
            until = until or at + timedelta(days=3)
            held = self.numbers.holding(
                before.plate_kind, number, application_id=before.application_id,
                person_id=before.person_id, until=until, now=at,
            )  # fmt: skip
            self._owner_did(
                "number_chosen", also=held, number=number, number_held_until=stamp(until),
                choices=before.choices + 1,
            )  # fmt: skip

    def _owner_did(self, act: str, *, also: Any = (), **changes: Any) -> None:
        before, at, writes = self.case(), now(), list(also)
        to = Status(before.status)
        if to is Status.AWAITING_OWNER and owner_is_ready(replace(before, **changes)):
            to = Status.AWAITING_FEE
            writes.append(
                self.facts.appending(
                    before.subject, FactKind.OWNER_READY, {"result": "READY"}, at=at, by="owner"
                )
            )
        self.casework.move(before, to, by=self.owner, act=act, at=at, also=writes, **changes)

    def order_fee(self) -> None:
        with LOCK:
            before = self.case()
            order = self.payments.ordering(
                before.payment_id, before.application_id, FEE_FEN, stamp(now())
            )
            self.casework.move(
                before, Status(before.status), by=self.owner, act="fee_ordered", also=[order],
                fee_fen=FEE_FEN, fee_state=ORDERED,
            )  # fmt: skip

    def gateway(self, status: str = "PAID", amount_fen: int = FEE_FEN) -> None:
        """The treasury's gateway tells what became of the order."""
        says = {"status": status, "amount_fen": amount_fen, "order_no": "SB1"}
        self.says(FactKind.FEE, about_payment(self.case().payment_id), says)

    def pay(self) -> None:
        self.order_fee()
        self.gateway()

    def withdraw(self) -> None:
        with LOCK, self._as("owner"):
            before, at = self.case(), now()
            told = self.facts.appending(
                before.subject, FactKind.WITHDRAWAL, {"result": "WITHDRAWN"}, at=at, by="owner"
            )
            self.casework.move(
                before, Status(before.status), by=self.owner, act="withdrawn", at=at, also=[told],
                ending=Status.WITHDRAWN.value,
            )  # fmt: skip

    def decide(self, kind: FactKind, result: str, to: Status | None = None, **changes: Any) -> None:
        """A decision of a reviewer or an officer, with its fact."""
        with LOCK:
            before, at = self.case(), now()
            told = self.facts.appending(before.subject, kind, {"result": result}, at=at, by="staff")
            self.casework.move(
                before, to or Status(before.status), by=Actor(role="staff", id="st_1"),
                act="decided", at=at, also=[told], **changes,
            )  # fmt: skip

    def about_case(self, kind: FactKind, **says: Any) -> None:
        self.says(kind, self.case().subject, says)

    # What agencies say

    def says(
        self,
        kind: FactKind,
        subject: str = "",
        says: Mapping[str, Any] | None = None,
        *,
        reply_to: str | None = None,
        occurred_at: datetime | None = None,
        message_id: str = "",
        **differs: Any,
    ) -> Appended:
        """One signed message, as the webhook writes it down; the truth unless told otherwise."""
        with LOCK, self._as("webhook"):
            words = {**(self.truth.says[kind] if says is None else says), **differs}
            at = now()
            return self.facts.append(
                subject or self.truth.subject(kind),
                kind,
                words,
                occurred_at=occurred_at or at,
                received_at=at,
                partner="partner",
                message_id=message_id or new_id("msg"),
                kid="k1",
                digest=sha256(json.dumps(words, sort_keys=True).encode()).hexdigest(),
                reply_to=reply_to,
            )

    def told_before(self) -> None:
        """What agencies push unasked, long before anybody applies."""
        for kind in self.truth.says:
            if kind not in (FactKind.VEHICLE_STATUS, FactKind.MORTGAGE):
                self.says(kind)

    # The way to each state that waits

    def reach(self, state: str) -> None:
        """File a case and let happen what brings it to a state of waiting, and no further."""
        self._prepare(state)
        if state not in _ANSWERED_BEFORE_THE_OWNER:
            self.told_before()
        self.file(flagged="drawn" if state == REVIEW else "")
        if state in _ANSWERED_BEFORE_THE_OWNER:
            if state == AGENCY:
                self.time_out("Check the purchase tax")
            self.until(state)
            return
        self.ready()
        if state == OWNER:
            self.until(state)
            return
        self.choose()
        self.sign()
        self.until(FEE)
        if state == FEE:
            return
        if state == RECHECK:
            self.partners.silent.add("vehicle_status.asked")
        self.pay()
        if state == REVIEW:
            self.until(REVIEW)
            return
        self.until(state)

    def _prepare(self, state: str) -> None:
        if state == CORRECTION:
            self.truth.says[FactKind.INVOICE]["buyer_blind"] = "blind-of-another"
        if state == OFFICER:
            self.truth.says[FactKind.VEHICLE_STATUS]["flags"] = ["J"]
        if state == INSPECTION:
            self.truth.move_to_maker(NOT_CONNECTED)
        if state == KEEP:
            self.partners.parcel = ["RETURNED"]
        self.partners.silent |= {
            CHECK_STATUS: {"vehicle_status.asked"},
            AGENCY: {"purchase_tax.asked"},
            ASK: {"registration.asked", "registration.queried"},
            MAKE: {"plates.ordered"},
            SEND: {"parcel.ordered", "parcel.traced"},
        }.get(state, set())

    def ready(self) -> None:
        """Everything is verified, and the owner's turn has come."""
        self.until(OWNER)

    def go_on(self) -> Walk:
        """From wherever the case waits to its end, with an owner who does their part."""
        for _ in self._while_waiting("ends"):
            with LOCK:
                case = self.case()
                if case.ending:
                    continue
                if case.status == Status.AWAITING_OWNER and self._waits_at(OWNER):
                    self.sign() if not case.signed else self.choose()
                elif case.status == Status.AWAITING_FEE and not case.fee_state:
                    self.pay()
        return self.run.end()

    def _waits_at(self, state: str) -> bool:
        return any(each.state == state for each in self.run.parked())

    # Time

    def until(self, state: str) -> Parked:
        """Let everybody do their part until the machine waits at this state."""
        for run in self._while_waiting(f"waits at {state!r}"):
            for parked in run.parked():
                if parked.state == state:
                    return parked
        raise AssertionError(f"ended before it waited at {state!r}: {self.run.end().trunk}")

    def end(self) -> Walk:
        """Let everybody do their part until the machine has ended."""
        for _ in self._while_waiting("ends"):
            pass
        return self.run.end()

    def settle(self) -> None:
        """Let everybody do their part until nobody has anything to do."""
        quiet = 0
        while quiet < 4:
            quiet = 0 if self.pump() else quiet + 1
            time.sleep(0.003)

    def time_out(self, state: str) -> None:
        self.until(state)
        self.settle()
        token = self.until(state).token
        self.run.time_out(state)
        for _ in self._while_waiting(f"leaves {state!r}"):
            if token not in {each.token for each in self.run.parked()}:
                return

    def pump(self) -> bool:
        """One round: partners answer what was asked, the stream tells what they said."""
        with LOCK:
            moved = self._partners_answer()
            moved = (self.stream and self._stream()) or moved
            return (self.swept and self._sweep()) or moved

    def sealed(self, at: datetime) -> None:
        """The sealer's last complete run."""
        seals = Seals.from_env()
        with LOCK, self._as("seal_ledger"):
            seals.begin(alg="sha-256", at=stamp(at))
            seals.swept(stamp(at))

    def sweep(self) -> dict[str, int]:
        """What the clock does every minute."""
        with LOCK, self._as("sweep"):
            done: dict[str, int] = self.sweeper({"everything": True}, None)
        assert "failed" not in done, done
        return done

    def run_again(self) -> None:
        """A clerk, or the sweeper, starts the next run."""
        with LOCK:
            start(self.casework.run_again(self.case(), by=Actor(role="staff", id="st_1")))

    @property
    def run(self) -> Run:
        return list(self._runs.values())[-1]

    def _while_waiting(self, what: str) -> Iterator[Run]:
        deadline = time.monotonic() + PATIENCE
        while not self.run._execution.done.is_set():
            moved = self.pump()
            if not moved:
                yield self.run
                time.sleep(0.002)
            if time.monotonic() > deadline:
                raise AssertionError(f"never {what}; {self.run._where()}")

    def _partners_answer(self) -> bool:
        if not self._sent:
            return False
        self._sent = 0
        sqs, url = client("sqs"), queue_url()
        heard = 0
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for each in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
                self.partners.hear(json.loads(each["Body"]))
                heard += 1
        return heard > 0

    def _stream(self) -> bool:
        fresh, self._fresh = self._fresh, []
        for each in fresh:
            with self._as("resume"):
                self.resume({"Records": [{"dynamodb": {"Keys": each}}]}, None)
        return bool(fresh)

    def _sweep(self) -> bool:
        if time.monotonic() < self._next_sweep or not self.run.parked():
            return False
        with self._as("sweep"):
            word = self.sweeping.look_after(self.case())
        self._next_sweep = time.monotonic() + SWEEP_SECONDS
        return word in {"woken", "withdrawn", "started"}

    def lose_machine(self) -> None:
        """The machine dies where it waits; whoever answers its tokens finds nobody."""
        self.run._execution.stop(now(), "Lost", "the machine died")
        self.run.end()

    # The machine

    def _machine(self) -> Machine:
        text = json.dumps(new_car.definition()).replace("${partition}", "aws")
        steps = steps_of(new_car.definition())
        machine = Machine(text, {each: self._guarded(each) for each in steps}, name="new_car")
        states = client("stepfunctions")
        machine.wire(states)
        states.meta.events.register("before-call.sfn.StartExecution", self._start)
        states.meta.events.register("before-call.sfn.DescribeExecution", self._describe)
        client("dynamodb").meta.events.register("before-parameter-build.dynamodb", self._count)
        client("sqs").meta.events.register("before-parameter-build.sqs", self._note_questions)
        return machine

    def _guarded(self, name: str) -> Handler:
        handler: Handler = import_module(f"functions.steps.{name}.handler").handler

        def guarded(event: Any, context: Any) -> Any:
            with LOCK, self._as(name):
                if self.broken.get(name, 0) > 0:
                    self.broken[name] -= 1
                    raise StepFailed("a fault that nobody foresaw")
                answered = handler(event, context)
                if self.twice:
                    assert handler(event, context) == answered, name
                return answered

        return guarded

    @contextmanager
    def _as(self, name: str) -> Iterator[None]:
        before = self._running.set(name)
        try:
            yield
        finally:
            self._running.reset(before)

    def _count(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        counted = self.touched.setdefault(self._running.get(), Counter())
        for table, verb in _acts(model.name, params):
            counted[table.rpartition("-")[2], verb] += 1
        for write in params.get("TransactItems", [{"Put": params}]):
            put = write.get("Put", {})
            if put.get("TableName") == FACTS and "Item" in put:
                # A write that fails wakes in vain, as a stream's repeated record does.
                self._fresh.append({n: put["Item"][n] for n in ("subject", "version_key")})

    def _note_questions(self, params: dict[str, Any], **_: Any) -> None:
        self._sent += len(params.get("Entries", ()))

    def _start(self, params: Any, **_: Any) -> Any:
        asked = json.loads(params["body"])
        if asked["name"] in self._runs:
            return _refused("ExecutionAlreadyExists")
        run = self.machine.start(json.loads(asked["input"]), name=asked["name"])
        self._runs[asked["name"]] = run
        return SimpleNamespace(status_code=200), {"executionArn": "arn", "startDate": now()}

    def _describe(self, params: Any, **_: Any) -> Any:
        name = json.loads(params["body"])["executionArn"].rpartition(":")[2]
        if name not in self._runs:
            return _refused("ExecutionDoesNotExist")
        ended = self._runs[name]._execution
        status = ended.exec_status if ended.done.is_set() else "RUNNING"
        return SimpleNamespace(status_code=200), {"status": str(getattr(status, "value", status))}

    # What must hold at any time

    def rows(self, table: str) -> list[dict[str, Any]]:
        read = TypeDeserializer().deserialize
        found = client("dynamodb").scan(TableName=PLACE.name(table))["Items"]
        return [{name: read(value) for name, value in item.items()} for item in found]

    def acts(self) -> list[str]:
        return [str(row["act"]) for row in self.ledger.of(self.application_id)]

    def statuses(self) -> list[str]:
        told = [row["to"]["status"] for row in self.ledger.of(self.application_id)]
        return [each for n, each in enumerate(told) if n == 0 or told[n - 1] != each]

    def must_hold(self) -> None:
        """Evidence, life cycle, numbers, waits and rights, whatever the story was."""
        assert self.ledger.verify(self.application_id) is None
        statuses = [Status(each) for each in self.statuses()]
        for was, to in pairwise(statuses):
            assert may_become(was, to), f"{was} became {to}"
        self._numbers_have_one_holder()
        live = [row for row in self.rows("waits") if self._is_awaited(row["token"])]
        assert self.run._execution.done.is_set() is False or not live
        self._rights_suffice()

    def nothing_waits(self) -> None:
        assert self.rows("waits") == []

    def _is_awaited(self, token: str) -> bool:
        return any(run._execution.waits_for(token) for run in self._runs.values())

    def _numbers_have_one_holder(self) -> None:
        rows = [row for row in self.rows("numbers") if "plate_kind" in row]
        cases = [Application.of(r) for r in self.rows("applications") if "service" in r]
        for row in rows:
            bearers = [each for each in cases if each.number == row["number"]]
            holder = row.get("application_id")
            assert len([each for each in bearers if each.application_id == holder]) <= 1
            if row["state"] == "bound":
                assert [each.application_id for each in bearers] == [holder]

    def _rights_suffice(self) -> None:
        granted = {**of_group("steps"), **of_group("background")}
        for name, counted in self.touched.items():
            if name not in granted:
                continue
            rights = {
                (table, verb)
                for table, verbs in granted[name].tables.items()
                for verb in verbs.split()
            } | {
                (index.partition("/")[0], verb)
                for index, verbs in granted[name].indexes.items()
                for verb in verbs.split()
            }
            assert set(counted) <= rights, f"{name} lacks {set(counted) - rights}"


class StepFailed(Exception):
    """What the wrapper makes of a fault that nobody foresaw."""


def _acts(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if operation == "TransactWriteItems":
        for each in params["TransactItems"]:
            for verb, body in each.items():
                yield (
                    body["TableName"],
                    "ConditionCheckItem" if verb == "ConditionCheck" else f"{verb}Item",
                )
    elif operation == "BatchGetItem":
        for table, asked in params["RequestItems"].items():
            for _ in asked["Keys"]:
                yield table, operation
    elif "TableName" in params:
        yield params["TableName"], operation


def queue_url() -> str:
    """Where the questions to partners are put."""
    return str(client("sqs").get_queue_url(QueueName=PLACE.name("questions"))["QueueUrl"])


def _refused(code: str) -> tuple[Any, dict[str, Any]]:
    refusal = {"Error": {"Code": code, "Message": "refused"}, "ResponseMetadata": {}}
    return SimpleNamespace(status_code=400), refusal
