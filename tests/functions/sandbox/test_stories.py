"""The simulated partners, heard by the real hooks: from the making of a car to its parcel."""

import json
import time
from base64 import b64encode, urlsafe_b64decode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from chepai.domain.facts import FactKind
from chepai.domain.pool import commitment
from chepai.edge import clock
from chepai.edge.blind import Draws
from chepai.edge.ids import derived_id, new_id
from chepai.edge.webhook_signature import read_rings, sign
from chepai.partners.directory import HOOKS, USUAL
from chepai.partners.message import envelope
from chepai.partners.national_register import padded
from chepai.partners.questions import question
from chepai.records.aws import client
from chepai.records.cities import Cities
from chepai.records.facts import Facts
from infra import partners_registry
from infra.assets import ROOT
from infra.place import Place
from infra.profile_check import load, publishable

PLACE = Place("sandbox", "qingdao")

APP = derived_id("app", "story")
QUICK = {kind: {"delay": 0, "step": 0} for kind in HOOKS}


class Office:
    """Our hooks, with the simulated partners' posts brought to them directly."""

    def __init__(self, city, monkeypatch) -> None:
        self.city = city
        for word in sorted(set(HOOKS.values())):
            city.find(f"secret/keys-{word}")
        city.find("secret/sandbox-keys")
        profile = load(ROOT / "cities" / "qingdao.toml")
        partners_registry.publish(
            PLACE,
            hooks="https://office.test",
            sandbox="https://sandbox.test",
            makers=partners_registry.connected_makers(profile),
            client=client,
        )
        self.hooks = {w: city.function("partners", f"hear_{w}") for w in set(HOOKS.values())}
        body = publishable(ROOT / "cities" / "qingdao.toml")
        Cities.from_env().publish("qingdao", "v1", body)
        self.speak = city.function("sandbox", "speak")
        self.answers: list[int] = []
        self.sent: list[tuple] = []
        monkeypatch.setattr("chepai_sandbox.voice.post", self._post)

    def _post(self, url, body, headers, *, private_allowed):
        word, partner = url.removeprefix("https://office.test/hooks/").split("/")
        event = {"pathParameters": {"partner": partner}, "headers": headers,
                 "body": b64encode(body).decode(), "isBase64Encoded": True}  # fmt: skip
        status = self.hooks[word](event)["statusCode"]
        self.answers.append(status)
        self.sent.append((partner, json.loads(body)["type"], status))
        return status

    def listen(self) -> list[tuple]:
        """Let everything be said that is due; who said what and how it was answered."""
        self.sent = []
        while waiting := self.city.rows_waiting("sandbox_speech"):
            for speech in waiting:
                self.speak({"Records": [self.city.received("sandbox_speech", speech)]})
        return self.sent

    def call(self, name, body=None, **path):
        handler = self.city.function("sandbox", name)
        answer = handler({"body": json.dumps(body or {}), "pathParameters": path})
        return answer["statusCode"], json.loads(answer["body"])

    def ask(self, kind, type_, partner="", *, by=None, personal=None, **refs):
        """Ask a simulated partner as the office does; answers the status."""
        word, partner = HOOKS[kind], partner or USUAL[kind]
        kept = client("secretsmanager").get_secret_value(SecretId=PLACE.name(f"keys-{word}"))
        ring = read_rings(json.loads(kept["SecretString"]))[by or partner]
        asked = question(type_, request_id=new_id("req"), application_id=APP, refs=refs,
                         personal=personal or {})  # fmt: skip
        body = json.dumps(envelope(type_, clock.now(), asked), ensure_ascii=False).encode()
        event = {
            "pathParameters": {"partner": partner},
            "headers": sign(ring, new_id("msg"), body, now=datetime.now(UTC)),
            "body": body.decode(),
        }
        return self.city.function("sandbox", f"simulate_{word}")(event)["statusCode"]

    def make(self, script=None, **wanted):
        told = {kind: QUICK[kind] | (script or {}).get(kind, {}) for kind in QUICK}
        status, made = self.call("make_world", {"script": told, **wanted})
        assert status == 201, made
        return made

    def fact(self, kind, subject):
        return Facts.from_env().newest(subject, kind)


@pytest.fixture
def office(city, monkeypatch):
    return Office(city, monkeypatch)


def ordered(times: int) -> None:
    """Plates and papers of the story's application were ordered so many times."""
    client("dynamodb").put_item(
        TableName=PLACE.name("applications"),
        Item={"application_id": {"S": APP}, "orders": {"N": str(times)}},
    )


OWNER = {"name": "王沙盒", "id_number": "370200199003070019", "phone": "13800138000",
         "address": "青岛市某路1号"}  # fmt: skip


def verified(token: str, key: dict) -> dict:
    """The claims of a token whose signature is by this key."""
    n, e = (int.from_bytes(decoded(key[name])) for name in ("n", "e"))
    text, _, signature = token.rpartition(".")
    rsa.RSAPublicNumbers(e, n).public_key().verify(
        decoded(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    head: dict
    claims: dict
    head, claims = (json.loads(decoded(part)) for part in text.split("."))
    assert (head["alg"], head["kid"]) == ("RS256", key["kid"])
    return claims


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_made_car_is_told_by_its_partners_without_being_asked(office):
    car = office.make()
    said = office.listen()
    assert {type_ for _, type_, _ in said} == {
        "certificate.issued", "pre_inspection.recorded", "product.announced", "invoice.issued",
        "purchase_tax.settled", "vessel_tax.settled", "policy.in_force",
    }  # fmt: skip
    assert {status for _, _, status in said} == {202}
    invoice = office.fact(FactKind.INVOICE, f"vin#{car['vin']}")
    certificate = office.fact(FactKind.CERTIFICATE, f"vin#{car['vin']}")
    assert invoice.says["certificate_no"] == certificate.says["certificate_no"]


def test_a_sign_in_is_a_token_and_an_identity_result(office):
    car = office.make()
    office.listen()
    person = car["person"]["person_id"]
    status, token = office.call("sign_in", {"person_id": person, "methods": ["FACE", "NET_ID"]})
    assert status == 200
    _, keys = office.call("publish_issuer_keys")
    claims = verified(token["access_token"], keys["keys"][0])
    assert (claims["sub"], claims["scope"], claims["aal"]) == (person, "citizen", "2")
    assert (claims["iss"], claims["aud"]) == ("https://sandbox.test", "chepai-sandbox-qingdao")
    assert claims["exp"] > time.time()
    assert office.listen() == [("police-qingdao", "identity.verified", 202)]
    identity = office.fact(FactKind.IDENTITY, f"person#{person}")
    invoice = office.fact(FactKind.INVOICE, f"vin#{car['vin']}")
    assert identity.says["method"] == "NET_ID"
    assert identity.says["id_blind"] == invoice.says["buyer_blind"]
    _, found = office.call("discover_issuer")
    assert found["jwks_uri"] == "https://sandbox.test/sandbox/identity/jwks"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 401),
        ({"person_id": derived_id("per", 1), "methods": ["FACE"]}, 401),
        ({"staff_id": "sta_1", "roles": ["reviewer"], "factors": ["password", "device"]}, 422),
        ({"person_id": "me"}, 422),
        ({"person_id": derived_id("per", 1), "methods": ["SMILE"]}, 422),
    ],
)
def test_who_may_sign_in(office, body, status):
    assert office.call("sign_in", body)[0] == status


def test_questions_are_answered_from_the_record_with_reply_to(office):
    car = office.make()
    office.listen()
    assert office.ask("police", "vehicle_status.asked", vin=car["vin"]) == 202
    assert office.ask("insurer", "policy.asked", vin=car["vin"]) == 202
    assert office.listen() == [
        ("police-qingdao", "vehicle_status.answered", 202),
        ("insurer-haibin", "policy.in_force", 202),
    ]
    flags = office.fact(FactKind.VEHICLE_STATUS, f"vin#{car['vin']}")
    assert flags.says["flags"] == ["A"]
    assert flags.reply_to


def test_a_partner_takes_no_question_of_a_stranger(office):
    car = office.make()
    signed = office.ask("tax", "invoice.asked", by=USUAL["tax"], vin=car["vin"])
    assert signed == 202
    handler = office.city.function("sandbox", "simulate_tax")
    forged = {"pathParameters": {"partner": USUAL["tax"]}, "headers": {}, "body": "{}"}
    assert handler(forged)["statusCode"] == 401


def test_a_silent_partner_says_nothing_and_a_late_one_waits(office):
    car = office.make({"tax": {"silent": True}, "insurer": {"silent_for": 2}})
    first = {type_ for _, type_, _ in office.listen()}
    assert not first & {"invoice.issued", "policy.in_force"}
    time.sleep(2.1)
    assert [type_ for _, type_, _ in office.listen()] == ["policy.in_force"]
    assert office.fact(FactKind.INVOICE, f"vin#{car['vin']}") is None


def test_twice_forged_and_stale_change_nothing(office):
    car = office.make({"tax": {"twice": True, "forged": True, "stale": True}})
    said = office.listen()
    statuses = [status for _, type_, status in said if type_ == "invoice.issued"]
    assert sorted(statuses) == [202, 202, 401, 401]
    assert len(Facts.from_env().of_kind(f"vin#{car['vin']}", FactKind.INVOICE)) == 1


def test_a_wrong_buyer_is_corrected_when_the_office_reports_it(office):
    other = {"id_number": "370200195805150020", "name": "李样本"}
    car = office.make({"tax": {"wrong": {"invoice.issued": {"buyer": other}}}})
    office.listen()
    subject = f"vin#{car['vin']}"
    wrong = office.fact(FactKind.INVOICE, subject)
    office.ask("tax", "data_error.reported", about=subject, message_type="invoice.issued",
               reason="F06-BUYER", due_on="2026-12-01")  # fmt: skip
    office.listen()
    right = office.fact(FactKind.INVOICE, subject)
    assert right.version > wrong.version
    assert right.says["buyer_blind"] != wrong.says["buyer_blind"]
    assert right.reply_to


def test_an_error_is_mended_whatever_message_the_office_names(office):
    other = {"id_number": "370200195805150020", "name": "李样本"}
    car = office.make({"insurer": {"wrong": {"policy.in_force": {"insured": other}}}})
    office.listen()
    subject = f"vin#{car['vin']}"
    wrong = office.fact(FactKind.COMPULSORY_INSURANCE, subject)
    office.ask("insurer", "data_error.reported", "insurer-haibin", about=subject,
               message_type="policy.bound", reason="F08-INSURED", due_on="2026-12-01")  # fmt: skip
    office.listen()
    right = office.fact(FactKind.COMPULSORY_INSURANCE, subject)
    assert right.says["insured_blind"] != wrong.says["insured_blind"]


def test_things_happen_later(office):
    car = office.make(withhold=["purchase_tax.settled"])
    office.listen()
    subject = f"vin#{car['vin']}"
    assert office.fact(FactKind.PURCHASE_TAX, subject) is None
    for event in ("invoice_reversed", "stolen", "tax_paid"):
        assert office.call("let_happen", {"event": event}, vin=car["vin"])[0] == 202
    office.listen()
    assert office.fact(FactKind.INVOICE, subject).says["status"] == "REVERSED"
    assert office.fact(FactKind.VEHICLE_STATUS, subject).says["flags"] == ["C"]
    assert office.fact(FactKind.PURCHASE_TAX, subject).says["status"] == "PAID"
    assert office.call("let_happen", {"event": "invoice_corrected"}, vin=car["vin"])[0] == 202
    office.listen()
    assert office.fact(FactKind.INVOICE, subject).says["status"] == "NORMAL"
    assert office.call("let_happen", {"event": "moon_landing"}, vin=car["vin"])[0] == 404
    assert office.call("let_happen", {"event": "stolen"}, vin="LZWADAGA1SB000123")[0] == 404


def test_a_maker_that_is_not_connected_says_nothing(office):
    car = office.make(connected=False)
    said = {type_ for _, type_, _ in office.listen()}
    assert "certificate.registered" in said
    assert "pre_inspection.recorded" not in said
    certificate = office.fact(FactKind.CERTIFICATE, f"vin#{car['vin']}")
    assert certificate.says["maker"] == car["maker"]


PAYMENT = derived_id("pay", "story")


def fee(office):
    fact = office.fact(FactKind.FEE, f"payment#{PAYMENT}")
    return fact.says["status"] if fact else None


def test_a_payment_declined_then_paid_then_refunded_once(office):
    car = office.make({"payment": {"decline_first": 1}})
    office.ask("payment", "payment.ordered", payment_id=PAYMENT, amount_fen=12000, vin=car["vin"])
    office.ask("payment", "payment.ordered", payment_id=PAYMENT, amount_fen=12000, vin=car["vin"])
    for state in ("DECLINED", "PAID", "PAID"):
        assert office.call("pay_order", order=PAYMENT) == (200, {"status": state})
        office.listen()
        assert fee(office) == state
    for _ in range(2):
        office.ask("payment", "refund.ordered", payment_id=PAYMENT, amount_fen=12000,
                   paid_fen=12000)  # fmt: skip
    office.listen()
    assert office.fact(FactKind.REFUND, f"payment#{PAYMENT}").says["status"] == "REFUNDED"
    assert office.call("pay_order", order=PAYMENT)[0] == 409


def test_a_lost_callback_is_found_by_asking(office):
    car = office.make({"payment": {"lose_callback": True}})
    office.ask("payment", "payment.ordered", payment_id=PAYMENT, amount_fen=12000, vin=car["vin"])
    office.call("pay_order", order=PAYMENT)
    office.listen()
    assert fee(office) is None
    office.ask("payment", "payment.queried", payment_id=PAYMENT)
    office.listen()
    assert fee(office) == "PAID"


def test_an_order_nobody_paid_is_closed(office):
    car = office.make()
    office.ask("payment", "payment.ordered", payment_id=PAYMENT, amount_fen=12000, vin=car["vin"])
    office.ask("payment", "payment.cancelled", payment_id=PAYMENT)
    office.listen()
    assert office.fact(FactKind.REFUND, f"payment#{PAYMENT}").says["status"] == "CANCELLED"
    assert office.call("pay_order", order=PAYMENT)[0] == 409
    assert office.call("pay_order", order=derived_id("pay", "none"))[0] == 404


def test_a_page_asks_again_for_an_order_that_the_gateway_has_not_heard_of(office):
    patient = {
        "pathParameters": {"order": derived_id("pay", "none")},
        "queryStringParameters": {"patient": "1"},
    }
    answer = office.city.function("sandbox", "pay_order")(patient)
    assert (answer["statusCode"], json.loads(answer["body"])) == (202, {"status": "NOT_YET"})


def register(office, type_, car, **refs):
    office.ask("register", type_, vin=car["vin"], plate_no="鲁B12345", plate_kind="02",
               personal=OWNER, **refs)  # fmt: skip
    office.listen()
    return office.fact(FactKind.REGISTER, f"application#{APP}")


def test_the_register_registers_once_by_our_key(office):
    car = office.make()
    first = register(office, "registration.asked", car, certificate_no="WAN048173322134")
    again = register(office, "registration.asked", car, certificate_no="WAN048173322134")
    assert first.says["result"] == again.says["result"] == "REGISTERED"
    assert first.says["certificate_no"] == again.says["certificate_no"]


def test_a_register_that_loses_its_answer_still_knows(office):
    car = office.make({"register": {"lose_answer": True}})
    assert register(office, "registration.asked", car, certificate_no="WAN048173322134") is None
    office.ask("register", "registration.queried")
    office.listen()
    fact = office.fact(FactKind.REGISTER, f"application#{APP}")
    assert (fact.says["result"], fact.says["vin"]) == ("REGISTERED", car["vin"])


def test_a_query_for_nothing_says_unknown(office):
    office.ask("register", "registration.queried")
    time.sleep(1.1)
    office.listen()
    assert office.fact(FactKind.REGISTER, f"application#{APP}").says["result"] == "UNKNOWN"


def test_the_register_refuses_and_replaces(office):
    car = office.make({"register": {"refuse": "R15"}})
    refused = register(office, "registration.asked", car, certificate_no="WAN048173322134")
    assert (refused.says["result"], refused.says["reason"]) == ("REFUSED", "R15")


def test_a_certificate_is_replaced_by_another_number(office):
    car = office.make()
    replaced = register(office, "replacement.asked", car, old_certificate_no="370000000001")
    assert replaced.says["result"] == "REPLACED"
    assert replaced.says["certificate_no"] != "370000000001"


def test_the_register_opens_segments_with_a_commitment(office):
    office.ask("register", "segments.asked", plate_kind="02")
    time.sleep(1.1)
    assert len(office.listen()) == 2
    segment = office.fact(FactKind.SEGMENT, "segment#02-B-2K")
    secret = padded(str(segment.says["sealed"]), "02-B-2K", Draws.from_env())
    assert segment.says["commitment"] == commitment(bytes.fromhex(secret))
    assert secret not in repr(office.city.rows("facts"))


def test_the_register_closes_a_segment_and_reveals_what_it_had_committed_to(office):
    office.ask("register", "segments.asked", plate_kind="02")
    time.sleep(1.1)
    office.listen()
    opened = office.fact(FactKind.SEGMENT, "segment#02-B-2K")
    handler = office.city.function("sandbox", "close_segment")
    for segment_id, status in (("02-B-2K", 202), ("nowhere", 404)):
        answer = handler({"pathParameters": {"segment_id": segment_id}})
        assert answer["statusCode"] == status
    time.sleep(1.1)
    office.listen()
    closed = office.fact(FactKind.SEGMENT, "segment#02-B-2K")
    assert closed.says["state"] == "CLOSED"
    assert commitment(bytes.fromhex(str(closed.says["secret"]))) == opened.says["commitment"]


def test_plates_fail_once_and_are_made_again(office):
    car = office.make({"plate_maker": {"fail_first": 1}})
    results = []
    ordered(2)
    for order in (f"{APP}-1", f"{APP}-2"):
        office.ask("plate_maker", "plates.ordered", order_no=order, plate_no="鲁B12345",
                   plate_kind="02", vin=car["vin"])  # fmt: skip
        office.listen()
        results.append(office.fact(FactKind.PLATES, f"application#{APP}").says["result"])
    assert results == ["FAILED", "MADE"]


def parcel(office, order):
    office.ask("courier", "parcel.ordered", order_no=order, parcel="ALL", personal=OWNER)
    said = [type_.removeprefix("parcel.") for _, type_, _ in office.listen()]
    return said, office.fact(FactKind.DELIVERY, f"application#{APP}").says


@pytest.mark.parametrize(
    ("script", "journey", "end"),
    [
        ({}, ["collected", "on_the_way", "delivered"], "DELIVERED"),
        ({"lost": True}, ["collected", "on_the_way", "lost"], "LOST"),
        ({"returned": True},
         ["collected", "on_the_way", "attempt_failed", "attempt_failed", "returned"], "RETURNED"),
        ({"attempts": 1}, ["collected", "on_the_way", "attempt_failed", "delivered"], "DELIVERED"),
    ],
)  # fmt: skip
def test_the_ways_of_a_parcel(office, script, journey, end):
    office.make({"courier": script | {"step": 0.01}}, person=OWNER | {"address": None})
    office.listen()
    ordered(2)
    said, says = parcel(office, f"{APP}-1")
    assert said == journey
    assert says["state"] == end
    if end == "LOST":
        assert parcel(office, f"{APP}-2")[1]["state"] == "DELIVERED"


def test_a_lender_cosigns_or_not(office):
    lender = "91370200MA3TXK003T"
    car = office.make(mortgaged=True)
    office.listen()
    office.ask("lender", "mortgage.asked", vin=car["vin"])
    office.ask("lender", "cosignature.asked", lender, vin=car["vin"])
    office.listen()
    mortgage = office.fact(FactKind.MORTGAGE, f"vin#{car['vin']}")
    assert (mortgage.says["active"], mortgage.says["lender"]) == (True, lender)
    assert mortgage.kid.startswith(lender)
    cosigned = office.fact(FactKind.COSIGNATURE, f"application#{APP}")
    assert (cosigned.says["result"], cosigned.says["lender"]) == ("SIGNED", lender)


def test_the_first_supplier_of_texts_fails_and_the_second_delivers(office):
    office.make({"message_gateway": {"fail": True}}, person=OWNER | {"address": None})
    office.listen()
    message = {"message_id": derived_id("msg", "text"), "template": "registered"}
    phone = {"phone": OWNER["phone"]}
    results = []
    for supplier in ("sms-first", "sms-second"):
        office.ask("message_gateway", "sms.ordered", supplier, personal=phone, **message)
        time.sleep(1.1)
        office.listen()
        says = office.fact(FactKind.MESSAGE, f"message#{message['message_id']}").says
        results.append((says["supplier"], says["result"]))
    assert results == [("sms-first", "FAILED"), ("sms-second", "DELIVERED")]


def test_a_rotation_keeps_both_keys_for_a_while(office):
    office.make()
    partners_registry.publish(
        PLACE, hooks="https://office.test", sandbox="https://sandbox.test", makers={},
        client=client, rotate=True,
    )  # fmt: skip
    kept = client("secretsmanager").get_secret_value(SecretId=PLACE.name("keys-tax"))
    ring = read_rings(json.loads(kept["SecretString"]))["tax-qingdao"]
    assert len({key.kid for key in ring if key.holds(datetime.now(UTC), "in")}) == 2
    assert {status for _, _, status in office.listen()} == {202}


def test_a_token_says_nothing_about_the_person(office):
    car = office.make()
    _, token = office.call("sign_in", {"person_id": car["person"]["person_id"]})
    claims = decoded(token["access_token"].split(".")[1]).decode()
    assert car["person"]["id_number"] not in claims
    assert car["person"]["name"] not in claims
