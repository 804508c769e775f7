"""What a lost reply leaves open is closed by the statement of the day, and nothing twice."""

import json
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest

from chepai.domain.application import Application
from chepai.domain.facts import FactKind, about_application, about_payment
from chepai.domain.ledger import Actor
from chepai.domain.life_cycle import Status
from chepai.edge import clock, reconciling
from chepai.edge.ids import derived_id
from chepai.edge.webhook_signature import read_rings, sign
from chepai.partners.directory import HOOKS, USUAL
from chepai.partners.message import envelope
from chepai.partners.questions import BY_TYPE, question
from chepai.records.applications import Applications, stamp
from chepai.records.aws import client
from chepai.records.ledger import Ledger
from chepai.records.payments import Payments
from chepai.records.supervision import FINDINGS, Supervision
from chepai.records.table import transact
from chepai_sandbox import bookkeeping
from chepai_sandbox.worlds import Worlds
from infra import match_day
from tests.functions.sandbox.test_stories import PLACE, Office

FEE = 14000
BY = Actor(role="system", id="test")


class Day:
    """One day of a city: its partners, its hooks and the function that compares their books."""

    def __init__(self, office: Office) -> None:
        self.office, self.city = office, office.city
        self.function = self.city.function("background", "reconcile")
        self.day = clock.today().isoformat()
        self.made: list[str] = []

    def case(self, name: str, status: Status, *, script=None, fee_state="ordered", **more):
        """A case with its order, as filing and ordering leave them."""
        car = self.office.make(script)
        letter = derived_id("app", name)
        at = clock.now()
        application = Application(
            application_id=letter, service="new_car", city="370200", profile_version="v1",
            person_id=derived_id("per", name), status=status.value, submitted_at=stamp(at),
            vin=car["vin"], payment_id=derived_id("pay", name), fee_fen=FEE, fee_state=fee_state,
            plate_kind="02", **more,
        )  # fmt: skip
        applications, payments = Applications.from_env(), Payments.from_env()
        filed = applications.file(application, actor=BY, key=name, fingerprint="f")
        transact(payments.ordering(filed.payment_id, filed.application_id, FEE, stamp(at)))
        if fee_state in ("captured", "cancelled"):
            transact(payments.moving(filed.payment_id, to=fee_state, at=stamp(at)))
        return SimpleNamespace(
            id=filed.application_id, payment=filed.payment_id, vin=car["vin"], app=filed
        )

    def pays(self, case) -> None:
        self.office.ask("payment", "payment.ordered", payment_id=case.payment, amount_fen=FEE,
                        vin=case.vin)  # fmt: skip
        assert self.office.call("pay_order", order=case.payment)[0] == 200

    def run(self, **event):
        """One run, and everything that is asked and said after it."""
        told = self.function({"day": self.day, **event})[self.day]
        for asked in self.city.rows_waiting("questions"):
            kind = next(kind for kind, usual in USUAL.items() if usual == asked["partner"])
            personal = {n: v for n, v in asked["refs"].items() if n != "application_id"}
            if "application_id" in BY_TYPE[asked["type"]].model_fields:
                personal["application_id"] = asked["application_id"]
            self._asked(kind, asked, personal)
        self.office.listen()
        self.function = self.city.function("background", "reconcile")
        return told

    def _asked(self, kind: str, asked, refs) -> None:
        word = HOOKS[kind]
        kept = client("secretsmanager").get_secret_value(SecretId=PLACE.name(f"keys-{word}"))
        ring = read_rings(json.loads(kept["SecretString"]))[asked["partner"]]
        said = question(asked["type"], request_id=asked["request_id"],
                        application_id=asked["application_id"], refs=refs, personal={})  # fmt: skip
        body = json.dumps(envelope(asked["type"], clock.now(), said), ensure_ascii=False)
        event = {"pathParameters": {"partner": asked["partner"]}, "body": body,
                 "headers": sign(ring, asked["message_id"], body.encode(),
                                 now=clock.now())}  # fmt: skip
        assert self.city.function("sandbox", f"simulate_{word}")(event)["statusCode"] == 202

    def findings(self):
        self.city.function("background", "reconcile")
        rows, _ = Supervision.from_env().on_desk(FINDINGS, limit=50)
        return {(row["difference"], row["party"], row["reference"]) for row in rows}

    def fact(self, kind: FactKind, subject: str):
        return self.office.fact(kind, subject)


@pytest.fixture
def day(city, monkeypatch: pytest.MonkeyPatch) -> Day:
    monkeypatch.setattr("chepai_sandbox.voice.USUAL_DELAY", 0)
    return Day(Office(city, monkeypatch))


def settled(day: Day, *, runs: int = 6):
    for _ in range(runs):
        told = day.run()
        if all(each["standing"] == "settled" for each in told.values()):
            return told
    raise AssertionError(told)


def test_a_day_on_which_nothing_differs(day: Day) -> None:
    told = settled(day)
    assert all(each["found"] == [] for each in told.values())
    assert day.findings() == set()


def test_a_capture_that_nobody_told_us_of_is_asked_for_and_heard_as_ever(day: Day) -> None:
    case = day.case("lost", Status.AWAITING_FEE, script={"payment": {"lose_callback": True}})
    day.pays(case)
    assert day.fact(FactKind.FEE, about_payment(case.payment)) is None
    told = settled(day)
    fact = day.fact(FactKind.FEE, about_payment(case.payment))
    # The gateway's own word, signed: nothing is entered in its name.
    assert (fact.says["status"], bool(fact.kid)) == ("PAID", True)
    assert told["payment"]["found"] == []
    assert day.findings() == set()
    name = f"supervision#statement#{day.day}#difference#fee#missing_here#{case.payment}"
    (entry,) = Ledger.from_env().of(name)
    assert entry["act"] == "difference_found"
    assert entry["evidence"][0]["kind"] == "A15"
    assert entry["evidence"][0]["digest"]


def test_what_was_paid_after_the_end_goes_back_and_our_books_follow(day: Day) -> None:
    case = day.case("late", Status.EXPIRED, script={"payment": {"lose_callback": True}},
                    fee_state="cancelled", ending="expired")  # fmt: skip
    day.pays(case)
    settled(day)
    assert day.fact(FactKind.REFUND, about_payment(case.payment)).says["status"] == "REFUNDED"
    after = Applications.from_env().read(case.id)
    assert (after.fee_state, after.status) == ("refunded", "expired")
    row = Payments.from_env().read(case.payment)
    assert row
    assert row["state"] == "refunded"
    last = Ledger.from_env().of(case.id)[-1]
    assert (last["act"], last["to"]["fee_state"]) == ("refunded_late", "refunded")
    assert last["evidence"][0]["kind"] == "A13"
    again = settled(day)
    assert again["payment"]["differing"] == 0
    assert day.findings() == set()


def test_money_for_nobody_is_a_persons_to_decide_once(day: Day) -> None:
    car = day.office.make()
    stray = SimpleNamespace(payment=derived_id("pay", "nobody"), vin=car["vin"])
    day.pays(stray)
    first = settled(day)
    (found,) = first["payment"]["found"]
    assert found["difference"] == "missing_here"
    assert found["theirs_fen"] == FEE
    day.run(anew=True)
    settled(day)
    assert day.findings() == {("missing_here", "treasury", stray.payment)}


def test_a_registration_that_nobody_told_us_of_is_asked_for(day: Day) -> None:
    case = day.case("reg", Status.REGISTERING, script={"register": {"lose_answer": True}},
                    number="鲁B12345")  # fmt: skip
    _register(day, case)
    assert day.fact(FactKind.REGISTER, about_application(case.id)) is None
    settled(day)
    fact = day.fact(FactKind.REGISTER, about_application(case.id))
    assert (fact.says["result"], fact.says["plate_no"]) == ("REGISTERED", "鲁B12345")


def _register(day: Day, case) -> None:
    owner = {"name": "李测试", "id_number": day.office.make()["person"]["id_number"]}
    refs = {"vin": case.vin, "plate_no": "鲁B12345", "plate_kind": "02", "certificate_no": "W1"}
    asked = {"type": "registration.asked", "partner": "national-register",
             "request_id": derived_id("req", case.id), "message_id": derived_id("msg", case.id),
             "application_id": case.id}  # fmt: skip
    day._asked("register", asked, refs | {"application_id": case.id} | owner)
    day.office.listen()


def test_plates_that_nobody_told_us_of_are_not_made_twice(day: Day) -> None:
    case = day.case("made", Status.IN_PRODUCTION, script={"plate_maker": {"lose_answer": True}},
                    number="鲁B12345", orders=1)  # fmt: skip
    asked = {"type": "plates.ordered", "partner": "plates-qingdao",
             "request_id": derived_id("req", case.id), "message_id": derived_id("msg", case.id),
             "application_id": case.id}  # fmt: skip
    refs = {"application_id": case.id, "order_no": f"{case.id}-1", "plate_no": "鲁B12345",
            "plate_kind": "02", "vin": case.vin}  # fmt: skip
    day._asked("plate_maker", asked, refs)
    day.office.listen()
    assert day.fact(FactKind.PLATES, about_application(case.id)) is None
    settled(day)
    assert day.fact(FactKind.PLATES, about_application(case.id)).says["result"] == "MADE"


def test_a_statement_in_pages_is_taken_whole_or_asked_for_again(day: Day, monkeypatch) -> None:
    for n in range(5):
        case = day.case(f"many{n}", Status.AWAITING_FEE)
        day.pays(case)
    day.office.listen()
    monkeypatch.setattr("chepai_sandbox.bookkeeping.LINES_A_PAGE", 2)
    said = []
    real = day.office.listen

    def losing():
        # The second page is lost on its way.
        for speech in day.city.rows_waiting("sandbox_speech"):
            data = speech["message"]["data"]
            if not (speech["message"]["type"] == "payments.stated" and data["page"] == 2):
                day.office.speak({"Records": [day.city.received("sandbox_speech", speech)]})
            else:
                said.append(data)

    monkeypatch.setattr(day.office, "listen", losing)
    day.run()
    assert len(said) == 1
    assert day.run()["payment"]["standing"] == "asked"
    monkeypatch.setattr(day.office, "listen", real)
    late = clock.now() + reconciling.ASK_AGAIN + timedelta(seconds=1)
    monkeypatch.setattr(reconciling, "now", lambda: late)
    day.function({"day": day.day})
    monkeypatch.setattr(reconciling, "now", clock.now)
    told = settled(day)
    assert told["payment"]["found"] == []


def test_who_sends_no_statement_is_reported(day: Day, monkeypatch) -> None:
    later = clock.now()
    for _ in range(14):
        later += reconciling.ASK_AGAIN + timedelta(seconds=1)
        monkeypatch.setattr(reconciling, "now", lambda at=later: at)
        day.function({"day": day.day})
    parties = {party for what, party, _ in day.findings() if what == "no_statement"}
    assert parties == {"treasury", "register", "plate_maker", "print_room"}


class Invoked:
    """The function as the command reaches it; partners answer after each call."""

    def __init__(self, day: Day) -> None:
        self.day = day

    def invoke(self, *, FunctionName: str, Payload: bytes):  # noqa: N803 (AWS names them)
        assert FunctionName == PLACE.name("reconcile")
        event = json.loads(Payload)
        told = {event.pop("day"): self.day.run(**event)}
        return {"Payload": BytesIO(json.dumps(told).encode())}


def test_the_command_prints_exactly_the_differences_that_were_sown(
    day: Day, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    car = day.office.make()
    lost = {"payment": {"lose_callback": True}}
    stray = SimpleNamespace(payment=derived_id("pay", "stray"), vin=car["vin"])
    day.pays(stray)
    for n in range(12):
        day.pays(day.case(f"good{n}", Status.AWAITING_FEE))
    day.pays(day.case("unheard", Status.AWAITING_FEE, script=lost))
    dear = day.case("dear", Status.AWAITING_FEE)
    day.office.ask("payment", "payment.ordered", payment_id=dear.payment, amount_fen=FEE + 100,
                   vin=dear.vin)  # fmt: skip
    day.pays(dear)
    twice = day.case("twice", Status.AWAITING_FEE)
    day.pays(twice)
    line = {"payment_id": twice.payment, "order_no": "SB-TWICE", "amount_fen": FEE}
    bookkeeping.note(Worlds.from_env(), USUAL["payment"], "PAID", **line)
    day.office.listen()
    monkeypatch.setattr(match_day, "reached", lambda *_: (PLACE, lambda _: Invoked(day)))
    monkeypatch.setattr(match_day, "EVERY_SECONDS", 0)
    capsys.readouterr()
    assert match_day.main([day.day]) == match_day.DIFFERS
    printed = [each for each in capsys.readouterr().out.splitlines() if "pay_" in each]
    assert sorted((each.split("  ")[0], *_ids(each)) for each in printed) == sorted(
        [
            ("amount", dear.payment),
            ("double", twice.payment),
            ("missing here", stray.payment),
            ("missing here", derived_id("pay", "unheard")),
        ]
    )
    # What was asked for has come: the next look finds one less.
    settled(day)
    assert match_day.main([day.day]) == match_day.DIFFERS
    assert "3 differ" in capsys.readouterr().out


def test_the_command_says_when_nothing_differs_and_when_it_cannot_tell(
    day: Day, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(match_day, "reached", lambda *_: (PLACE, lambda _: Invoked(day)))
    monkeypatch.setattr(match_day, "EVERY_SECONDS", 0)
    assert match_day.main([day.day, "--all"]) == match_day.ALIKE
    assert "nothing differs" in capsys.readouterr().out
    monkeypatch.setattr(match_day, "WAIT_SECONDS", -1)
    assert match_day.main([day.day]) == match_day.UNUSABLE
    assert match_day.main(["2099-01-01"]) == match_day.UNUSABLE
    assert match_day.main(["soon"]) == match_day.UNUSABLE


def _ids(line: str) -> list[str]:
    return [word for word in line.split() if word.startswith("pay_")]


@pytest.mark.parametrize("wrong", ["2099-01-01", "yesterday"])
def test_what_is_no_day_that_was_is_refused(day: Day, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"day|format"):
        day.function({"day": wrong})
