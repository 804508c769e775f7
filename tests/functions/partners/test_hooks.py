"""The partners' hooks: what is kept, what is refused with which answer, what is left out."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chepai.domain.facts import FactKind
from chepai.edge import webhook
from chepai.edge.ids import derived_id
from chepai.edge.webhook_signature import HEADERS, Key, sign
from chepai.records.aws import client
from chepai.records.cities import Cities
from chepai.records.facts import Facts
from chepai.records.people import People
from infra.access.partners import ACCESS
from infra.assets import ROOT
from infra.profile_check import publishable
from tests.functions.conftest import PLACE
from tests.functions.rights_used import within

VIN = "LZWADAGA1SB000123"
OTHERS_VIN = "LFVAAAAA6TA000042"
BUYER = {"id_number": "370200199003070019", "name": "买买提·热合曼"}
APP = derived_id("app", "a")
PERSON = derived_id("per", "p")
NOW = datetime.now(UTC).replace(microsecond=0)
INVOICE = {
    "invoice_no": "26370000000123456789",
    "form": "DIGITAL",
    "kind": "NEW_VEHICLE",
    "buyer": BUYER,
    "vin": VIN,
    "certificate_no": "WAN048173322134",
    "price_fen": 12_980_000,
    "seller_uscc": "91370200MA3TXK003T",
    "issued_on": "2026-08-01",
}


def shared(seed: str) -> Key:
    """A key that the office has as well: with it either side could have signed."""
    return Key(
        f"shared-{seed}", f"whsec_{b64encode((seed * 32)[:32].encode()).decode()}",
        NOW - timedelta(days=1),
    )  # fmt: skip


def key(seed: str, **span) -> Key:
    secret = f"whsk_{b64encode((seed * 32)[:32].encode()).decode()}"
    return Key(f"kid-{seed}", secret, NOW - timedelta(days=1), **span)


def ring(*keys: Key) -> list:
    return [
        {"kid": k.kid, "secret": k.secret, "from": k.valid_from.isoformat(),
         "until": k.valid_until.isoformat() if k.valid_until else None}
        for k in keys
    ]  # fmt: skip


def message(type_: str, data: dict, at: datetime = NOW) -> bytes:
    sent = {"type": type_, "timestamp": at.isoformat(), "data": data}
    return json.dumps(sent, ensure_ascii=False).encode()


def event(body: bytes, partner: str, by: Key, *, message_id="msg_1", at=None, **headers) -> dict:
    signed = sign([by], message_id, body, now=at or datetime.now(UTC))
    return {
        "pathParameters": {"partner": partner},
        "headers": signed | {"content-type": "application/json"} | headers,
        "body": b64encode(body).decode(),
        "isBase64Encoded": True,
        "requestContext": {"requestId": "r-1"},
    }


@pytest.fixture
def tax(city):
    rings = {"tax-qingdao": ring(key("t")), "tax-elsewhere": ring(key("e"))}
    city.write_secret("keys-tax", rings)
    return city.function("partners", "hear_tax")


def ordered(city, application_id: str = APP, orders: int = 1) -> None:
    """An application whose plates and papers have been ordered so many times."""
    client("dynamodb").put_item(
        TableName=PLACE.name("applications"),
        Item={"application_id": {"S": application_id}, "orders": {"N": str(orders)}},
    )


def facts(kind: FactKind, subject: str = f"vin#{VIN}") -> list:
    return Facts.from_env().of_kind(subject, kind)


def code(answer: dict) -> tuple:
    return answer["statusCode"], json.loads(answer["body"]).get("code")


def test_an_invoice_becomes_a_fact_without_the_person(tax, city):
    answer = tax(event(message("invoice.issued", INVOICE), "tax-qingdao", key("t")))
    assert (answer["statusCode"], json.loads(answer["body"])) == (202, {"outcome": "kept"})
    (fact,) = facts(FactKind.INVOICE)
    assert fact.says["buyer_masked"] == "370***********0019"
    assert len(str(fact.says["buyer_blind"])) == len(str(fact.says["buyer_name_blind"])) == 64
    assert (fact.partner, fact.kid, fact.message_id) == ("tax-qingdao", "kid-t", "msg_1")
    kept = repr(city.rows("facts"))
    assert "370200199003070019" not in kept
    assert "热合" not in kept


def test_the_same_name_with_another_dot_has_the_same_index(tax):
    tax(event(message("invoice.issued", INVOICE), "tax-qingdao", key("t")))
    other = INVOICE | {"buyer": BUYER | {"name": "买买提•热合曼"}}
    tax(event(message("invoice.issued", other), "tax-qingdao", key("t"), message_id="msg_2"))
    first, second = facts(FactKind.INVOICE)
    assert first.says["buyer_name_blind"] == second.says["buyer_name_blind"]


def test_a_plain_body_is_the_same_bytes(tax):
    body = message("invoice.issued", INVOICE)
    sent = event(body, "tax-qingdao", key("t")) | {"body": body.decode(), "isBase64Encoded": False}
    assert tax(sent)["statusCode"] == 202


def test_a_duplicate_is_welcome_and_changes_nothing(tax):
    sent = event(message("invoice.issued", INVOICE), "tax-qingdao", key("t"))
    answers = [tax(sent) for _ in range(3)]
    assert [json.loads(each["body"])["outcome"] for each in answers] == ["kept", "known", "known"]
    assert len(facts(FactKind.INVOICE)) == 1


def test_another_text_under_the_same_id_is_a_conflict(tax):
    tax(event(message("invoice.issued", INVOICE), "tax-qingdao", key("t")))
    other = message("invoice.issued", INVOICE | {"price_fen": 1})
    assert code(tax(event(other, "tax-qingdao", key("t")))) == (409, "VR-111")
    assert len(facts(FactKind.INVOICE)) == 1


def test_late_and_out_of_order_the_newest_event_counts(tax):
    reversed_at = NOW - timedelta(hours=1)
    tax(event(message("invoice.reversed", INVOICE, reversed_at), "tax-qingdao", key("t")))
    late = message("invoice.issued", INVOICE, NOW - timedelta(hours=2))
    tax(event(late, "tax-qingdao", key("t"), message_id="msg_2"))
    newest = Facts.from_env().newest(f"vin#{VIN}", FactKind.INVOICE)
    assert newest is not None
    assert newest.says["status"] == "REVERSED"


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (lambda e: e | {"headers": e["headers"] | {"webhook-signature": "v1,AA"}}, (401, "VR-204")),
        (lambda e: e | {"headers": {}}, (401, "VR-204")),
        (lambda e: e | {"headers": None}, (401, "VR-204")),
        (lambda e: e | {"pathParameters": {"partner": "tax-elsewhere"}}, (401, "VR-204")),
        (lambda e: e | {"pathParameters": {"partner": "nobody"}}, (401, "VR-204")),
        (lambda e: e | {"pathParameters": None}, (401, "VR-204")),
        (lambda e: e | {"body": b64encode(b"{}").decode()}, (401, "VR-204")),
        (lambda e: e | {"body": None}, (401, "VR-204")),
        (lambda e: e | {"body": "%%%"}, (400, "VR-101")),
        (lambda e: e | {"body": "A" * 400_000}, (413, "VR-102")),
    ],
)  # fmt: skip
def test_what_is_not_the_partners_own_word_is_refused(tax, what, expected):
    sent = event(message("invoice.issued", INVOICE), "tax-qingdao", key("t"))
    answer = tax(what(sent))
    assert code(answer) == expected
    assert answer["headers"]["content-type"].startswith("application/problem+json")
    assert facts(FactKind.INVOICE) == []


@pytest.mark.parametrize("minutes", [-6, 6, 1440])
def test_a_stale_or_early_signature_is_refused(tax, minutes):
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    body = message("invoice.issued", INVOICE)
    assert code(tax(event(body, "tax-qingdao", key("t"), at=at))) == (401, "VR-203")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "VR-101")),
        (b"not json", (400, "VR-101")),
        (b'{"type":"invoice.issued","type":"x"}', (400, "VR-101")),
        (b"[" * 30 + b"]" * 30, (400, "VR-101")),
        (message("invoice.issued", INVOICE).replace(b"12980000", b"NaN"), (400, "VR-101")),
        (b"[]", (422, "VR-103")),
        (b'"text"', (422, "VR-103")),
        (b"{}", (422, "VR-103")),
        (message("invoice.issued", {}), (422, "VR-103")),
        (message("policy.bound", INVOICE), (422, "VR-103")),
        (message("no such thing", INVOICE), (422, "VR-103")),
        (message("invoice.issued", INVOICE | {"surprise": 1}), (422, "VR-103")),
        (message("invoice.issued", INVOICE | {"price_fen": "12980000"}), (422, "VR-103")),
        (message("invoice.issued", INVOICE | {"price_fen": -1}), (422, "VR-103")),
        (message("invoice.issued", INVOICE | {"price_fen": True}), (422, "VR-103")),
        (message("invoice.issued", INVOICE | {"price_fen": 1.5}), (422, "VR-103")),
        (message("invoice.issued", INVOICE | {"vin": "LZW"}), (422, "VR-103")),
        (message("invoice.issued", INVOICE | {"issued_on": "yesterday"}), (422, "VR-103")),
        (message("invoice.issued", INVOICE | {"issued_on": 20260801}), (422, "VR-103")),
        (message("invoice.issued", INVOICE | {"buyer": None}), (422, "VR-103")),
        (message("invoice.issued", INVOICE | {"reply_to": "req_1"}), (422, "VR-103")),
        (
            message("invoice.issued", INVOICE | {"buyer": BUYER | {"id_number": "3" * 18}}),
            (422, "VR-103"),
        ),
        (message("invoice.issued", INVOICE, NOW + timedelta(hours=1)), (422, "VR-103")),
    ],
    # Times in the messages: workers that share the tests must name them alike.
    ids=lambda value: "body" if isinstance(value, bytes) else None,
)
def test_a_true_signature_does_not_excuse_a_wrong_message(tax, body, expected):
    answer = tax(event(body, "tax-qingdao", key("t")))
    assert code(answer) == expected
    assert "370200" not in answer["body"]
    assert facts(FactKind.INVOICE) == []


def test_a_wrong_field_is_named(tax):
    body = message("invoice.issued", INVOICE | {"price_fen": "1", "vin": "x"})
    problem = json.loads(tax(event(body, "tax-qingdao", key("t")))["body"])
    assert {each["field"] for each in problem["fields"]} == {"vin", "price_fen"}


def test_a_rotated_key_is_found_without_waiting(city, monkeypatch):
    from chepai.edge import key_rings

    monkeypatch.setattr(key_rings, "NOT_BEFORE", timedelta(0))
    city.write_secret("keys-tax", {"tax-qingdao": ring(key("t"))})
    hear = city.function("partners", "hear_tax")
    body = message("invoice.issued", INVOICE)
    assert hear(event(body, "tax-qingdao", key("t")))["statusCode"] == 202
    city.write_secret("keys-tax", {"tax-qingdao": ring(key("t"), key("n"))})
    assert hear(event(body, "tax-qingdao", key("n"), message_id="msg_2"))["statusCode"] == 202
    city.write_secret("keys-tax", {"tax-qingdao": ring(key("n"))})
    monkeypatch.setattr(key_rings, "KEPT_FOR", timedelta(seconds=-1))
    killed = event(body, "tax-qingdao", key("t"), message_id="msg_3")
    assert hear(killed)["statusCode"] == 401


def certificate(vin: str) -> dict:
    return {
        "certificate_no": "WAN048173322134", "vin": vin, "model": "SBX7150A", "engine_no": "SB1",
        "colour": "白", "origin": "DOMESTIC", "vehicle_class": "SMALL_PASSENGER",
        "energy": "PETROL", "issued_on": "2026-08-01", "left_factory_on": "2026-08-01",
        "params": {"length_mm": 4650, "mass_kg": 1380, "seats": 5, "displacement_ml": 1498},
    }  # fmt: skip


@pytest.fixture
def manufacturers(city):
    city.write_secret("keys-manufacturers", {"sgmw": ring(key("w")), "faw-vw": ring(key("v"))})
    hear = city.function("partners", "hear_manufacturers")
    profile = publishable(ROOT / "cities" / "qingdao.toml")
    Cities.from_env().publish("qingdao", "v1", profile)
    return hear


def test_a_maker_speaks_for_its_own_cars_only(manufacturers):
    own = message("certificate.issued", certificate(VIN))
    assert manufacturers(event(own, "sgmw", key("w")))["statusCode"] == 202
    (fact,) = facts(FactKind.CERTIFICATE)
    assert (fact.says["maker"], fact.says["status"]) == ("sgmw", "VALID")
    other = message("certificate.issued", certificate(OTHERS_VIN))
    assert code(manufacturers(event(other, "sgmw", key("w")))) == (403, "VR-206")
    assert facts(FactKind.CERTIFICATE, f"vin#{OTHERS_VIN}") == []


def test_a_car_made_here_has_a_right_check_digit(manufacturers):
    digit = "0" if VIN[8] != "0" else "1"
    wrong = certificate(VIN[:8] + digit + VIN[9:])
    answer = manufacturers(event(message("certificate.issued", wrong), "sgmw", key("w")))
    assert code(answer) == (422, "VR-103")


IDENTITY = {
    "person_id": PERSON,
    "reference": "idr-1",
    "result": "MATCH",
    "method": "NET_ID",
    "alive": True,
    "identified": BUYER | {"phone": "13800138000"},
}


@pytest.fixture
def police(city):
    city.write_secret("keys-police", {"police-qingdao": ring(key("p"))})
    return city.function("partners", "hear_police")


def test_an_identity_goes_to_the_vault_and_leaves_only_indexes(police, city):
    answer = police(event(message("identity.verified", IDENTITY), "police-qingdao", key("p")))
    assert answer["statusCode"] == 202
    (fact,) = facts(FactKind.IDENTITY, f"person#{PERSON}")
    assert (fact.says["born"], fact.says["name_masked"]) == (1990, "******曼")
    people = People.from_env()
    assert people.found_by(str(fact.says["id_blind"])) == PERSON
    kept = repr([city.rows("facts"), city.rows("people")])
    assert "13800138000" not in kept
    assert "买买提" not in kept


def test_a_later_sign_in_is_no_change_of_phone(police):
    body = message("identity.verified", IDENTITY)
    for message_id in ("msg_1", "msg_2"):
        police(event(body, "police-qingdao", key("p"), message_id=message_id))
    row = People.from_env().open_row(PERSON)
    assert row
    assert "contact_changed_at" not in row


def test_an_older_word_that_comes_again_does_not_rename_a_person(police):
    def hear(body: bytes, message_id: str) -> int:
        police(event(body, "police-qingdao", key("p"), message_id=message_id))
        return int((People.from_env().open_row(PERSON) or {})["kept"])

    older = message("identity.verified", IDENTITY, NOW - timedelta(hours=2))
    renamed = IDENTITY | {"identified": BUYER | {"name": "新名"}}
    assert hear(older, "msg_1") == 1
    assert hear(message("identity.verified", renamed), "msg_2") == 2
    assert [hear(older, each) for each in ("msg_1", "msg_3")] == [2, 2]


def test_a_mismatch_is_nobody_we_know(police, city):
    body = message("identity.verified", IDENTITY | {"result": "MISMATCH"})
    assert police(event(body, "police-qingdao", key("p")))["statusCode"] == 202
    assert city.rows("people") == []


@pytest.mark.parametrize(
    ("function", "word", "partner", "type_", "data", "subject", "kind", "says"),
    [
        ("hear_insurers", "insurers", "insurer-haibin", "policy.in_force",
         {"vin": VIN, "policy_no": "PDZA123456789012345678", "insured": BUYER,
          "starts_on": "2026-08-01", "ends_on": "2027-07-31"},
         f"vin#{VIN}", FactKind.COMPULSORY_INSURANCE,
         {"insurer": "insurer-haibin", "status": "IN_FORCE"}),
        ("hear_announcements", "announcements", "miit", "product.revoked",
         {"model": "SBX7150A", "params": certificate(VIN)["params"]},
         "model#SBX7150A", FactKind.ANNOUNCEMENT, {"status": "REVOKED"}),
        ("hear_lenders", "lenders", "91370200MA3TXK003T", "mortgage.state",
         {"vin": VIN, "active": True},
         f"vin#{VIN}", FactKind.MORTGAGE, {"lender": "91370200MA3TXK003T", "active": True}),
        ("hear_payments", "payments", "treasury-qingdao", "payment.refunded",
         {"payment_id": derived_id("pay", 1), "order_no": "SB1", "amount_fen": 12000},
         f"payment#{derived_id('pay', 1)}", FactKind.REFUND, {"status": "REFUNDED"}),
        ("hear_plates", "plates", "plates-qingdao", "plates.made",
         {"application_id": APP, "order_no": f"{APP}-1", "serials": ["S1", "S2"]},
         f"application#{APP}", FactKind.PLATES, {"result": "MADE", "serials": ["S1", "S2"]}),
        ("hear_couriers", "couriers", "ems", "parcel.lost",
         {"application_id": APP, "order_no": f"{APP}-1", "parcel": "PLATES",
          "waybill": "1234567890123"},
         f"application#{APP}", FactKind.DELIVERY, {"state": "LOST", "order_no": f"{APP}-1"}),
        ("hear_messages", "messages", "sms-first", "sms.failed",
         {"message_id": derived_id("msg", 1), "application_id": APP, "template": "registered"},
         f"message#{derived_id('msg', 1)}", FactKind.MESSAGE,
         {"result": "FAILED", "supplier": "sms-first"}),
        ("hear_register", "register", "national-register", "vehicle.registered",
         {"application_id": APP, "vin": VIN, "plate_no": "鲁B12345",
          "certificate_no": "370000000001", "registered_at": NOW.isoformat()},
         f"application#{APP}", FactKind.REGISTER,
         {"result": "REGISTERED", "plate_no": "鲁B12345"}),
    ],
)  # fmt: skip
def test_each_kind_of_partner_is_heard(
    city, function, word, partner, type_, data, subject, kind, says
):
    city.write_secret(f"keys-{word}", {partner: ring(key("x"))})
    hear = city.function("partners", function)
    ordered(city)
    sent = message(type_, data | {"reply_to": derived_id("req", 1)})
    answer = hear(event(sent, partner, key("x")))
    assert answer["statusCode"] == 202, answer["body"]
    (fact,) = facts(kind, subject)
    assert says.items() <= dict(fact.says).items()
    assert fact.reply_to == derived_id("req", 1)


def test_a_lender_does_not_release_anothers_mortgage(city):
    city.write_secret("keys-lenders", {"bank-a": ring(key("a")), "bank-b": ring(key("b"))})
    hear = city.function("partners", "hear_lenders")
    state = [message("mortgage.state", {"vin": VIN, "active": each}) for each in (True, False)]
    assert hear(event(state[0], "bank-a", key("a")))["statusCode"] == 202
    for nth, body in enumerate(state):
        foreign = event(body, "bank-b", key("b"), message_id=f"msg_b{nth}")
        assert code(hear(foreign)) == (403, "VR-206")
    assert hear(event(state[1], "bank-a", key("a"), message_id="msg_2"))["statusCode"] == 202
    assert hear(event(state[0], "bank-b", key("b"), message_id="msg_3"))["statusCode"] == 202


def test_an_insurer_cancels_its_own_policy_only(city):
    city.write_secret("keys-insurers", {"one": ring(key("o")), "two": ring(key("u"))})
    hear = city.function("partners", "hear_insurers")
    policy = {
        "vin": VIN, "policy_no": "PDZA123456789012345678", "insured": BUYER,
        "starts_on": "2026-08-01", "ends_on": "2027-07-31",
    }  # fmt: skip
    assert hear(event(message("policy.in_force", policy), "one", key("o")))["statusCode"] == 202
    cancelled = message("policy.cancelled", policy)
    assert code(hear(event(cancelled, "two", key("u")))) == (403, "VR-206")
    own = event(cancelled, "one", key("o"), message_id="msg_2")
    assert hear(own)["statusCode"] == 202


def test_trouble_of_ours_tells_nothing(tax, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("370200199003070019")

    monkeypatch.setattr(Facts, "append", broken)
    answer = tax(event(message("invoice.issued", INVOICE), "tax-qingdao", key("t")))
    assert code(answer) == (500, "VR-900")
    assert "370200" not in answer["body"]


def archived(city) -> dict[str, dict]:
    """What lies in the archive, by key: headers and body."""
    s3, bucket = client("s3"), "chepai-sandbox-qingdao-archive"
    found = {}
    for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        kept = s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
        head, _, body = kept.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        found[each["Key"]] = {"headers": headers, "body": body}
    return found


def test_evidence_is_kept_as_it_came_before_it_is_taken(tax, city):
    body = message("invoice.issued", INVOICE)
    sent = event(body, "tax-qingdao", key("t"))
    with within(ACCESS["hear_tax"], PLACE):
        assert tax(sent)["statusCode"] == 202
        assert tax(sent)["statusCode"] == 202
    kept = archived(city)
    assert list(kept) == ["messages/tax-qingdao/msg_1"]
    one = kept["messages/tax-qingdao/msg_1"]
    assert one["body"] == body
    (fact,) = facts(FactKind.INVOICE)
    assert fact.digest == sha256(body).hexdigest()
    assert {name: one["headers"][name] for name in HEADERS} == {
        name: sent["headers"][name] for name in HEADERS
    }
    assert one["headers"]["chepai-kid"] == fact.kid == "kid-t"
    assert (fact.algorithm, fact.public_key) == ("ed25519", key("t").public)


def test_another_subject_under_the_same_id_is_a_conflict_and_a_matter_of_security(
    tax, city, caplog
):
    tax(event(message("invoice.issued", INVOICE), "tax-qingdao", key("t")))
    other = message("invoice.issued", INVOICE | {"vin": OTHERS_VIN})
    with within(ACCESS["hear_tax"], PLACE):
        assert code(tax(event(other, "tax-qingdao", key("t")))) == (409, "VR-111")
    assert not facts(FactKind.INVOICE, f"vin#{OTHERS_VIN}")
    assert len(archived(city)) == 1
    (said,) = [each for each in caplog.records if each.message == "security_event"]
    assert (said.code, said.partner) == ("message_id_reused", "tax-qingdao")
    # The same id of another partner is another message.
    assert tax(event(other, "tax-elsewhere", key("e")))["statusCode"] == 202


def test_what_could_not_be_archived_is_not_taken(tax, city, monkeypatch):
    monkeypatch.setenv("ARCHIVE_BUCKET", "chepai-sandbox-qingdao-elsewhere")
    answer = tax(event(message("invoice.issued", INVOICE), "tax-qingdao", key("t")))
    assert answer["statusCode"] == 500
    assert not facts(FactKind.INVOICE)


def test_a_crash_between_archive_and_fact_is_made_good_by_the_next_try(tax, city, monkeypatch):
    sent = event(message("invoice.issued", INVOICE), "tax-qingdao", key("t"))
    with monkeypatch.context() as broken:
        broken.setattr(Facts, "append", lambda *_a, **_k: 1 / 0)
        assert tax(sent)["statusCode"] == 500
    assert len(archived(city)) == 1
    assert json.loads(tax(sent)["body"]) == {"outcome": "kept"}
    assert len(facts(FactKind.INVOICE)) == 1


def test_junk_beside_the_right_signature_is_not_kept(tax, city):
    sent = event(message("invoice.issued", INVOICE), "tax-qingdao", key("t"))
    right = sent["headers"]["webhook-signature"]
    sent["headers"]["webhook-signature"] = f"é\r\nx: y v9,zz {right}"
    assert tax(sent)["statusCode"] == 202
    (one,) = archived(city).values()
    assert one["headers"]["webhook-signature"] == right


def test_an_ed25519_message_leaves_the_key_that_was_valid(city):
    private = Ed25519PrivateKey.generate()
    raw = private.private_bytes_raw()
    public = b64encode(private.public_key().public_bytes_raw()).decode()
    ours = Key("ed-1", f"whpk_{public}", NOW - timedelta(days=1))
    theirs = Key("ed-1", f"whsk_{b64encode(raw).decode()}", NOW - timedelta(days=1))
    city.write_secret("keys-tax", {"tax-qingdao": ring(ours)})
    hear = city.function("partners", "hear_tax")
    body = message("invoice.issued", INVOICE)
    assert hear(event(body, "tax-qingdao", theirs))["statusCode"] == 202
    (fact,) = facts(FactKind.INVOICE)
    assert (fact.kid, fact.algorithm, fact.public_key) == ("ed-1", "ed25519", public)
    # A shared secret is no way round the key.
    forged = event(body, "tax-qingdao", key("t"), message_id="msg_2")
    assert code(hear(forged)) == (401, "VR-204")


DECIDE = {"tax", "announcements", "manufacturers", "insurers", "police", "lenders", "payments",
          "plates", "couriers", "register"}  # fmt: skip


def test_every_partner_whose_word_decides_needs_a_key_of_its_own():
    assert webhook.BEAR_EVIDENCE == DECIDE


def test_a_shared_key_in_an_evidence_partners_ring_proves_nothing(city, caplog):
    city.write_secret("keys-tax", {"tax-qingdao": ring(shared("t"), key("n"))})
    hear = city.function("partners", "hear_tax")
    body = message("invoice.issued", INVOICE)
    assert code(hear(event(body, "tax-qingdao", shared("t")))) == (401, "VR-204")
    assert facts(FactKind.INVOICE) == []
    assert not archived(city)
    (said,) = [each for each in caplog.records if each.message == "security_event"]
    assert (said.code, said.partner) == ("shared_key_refused", "tax-qingdao")
    # A partner that still signs with both is heard by the key that is its own.
    both = event(body, "tax-qingdao", key("n"))
    both["headers"]["webhook-signature"] += (
        " " + sign([shared("t")], "msg_1", body, now=datetime.now(UTC))["webhook-signature"]
    )
    assert hear(both)["statusCode"] == 202
    assert facts(FactKind.INVOICE)[0].kid == "kid-n"


@pytest.mark.parametrize(("partner", "named"), [("tax-qingdao", "tax-qingdao"),
                                                ("370200199003070019", "unknown")])  # fmt: skip
def test_a_forged_message_is_a_matter_of_security(tax, caplog, partner, named):
    tax(event(message("invoice.issued", INVOICE), partner, key("z")))
    (said,) = [each for each in caplog.records if each.message == "security_event"]
    assert (said.code, said.partner) == ("hook_forged", named)


def test_a_second_word_under_one_id_changes_nobodys_record(police):
    body = message("identity.verified", IDENTITY)
    assert police(event(body, "police-qingdao", key("p")))["statusCode"] == 202
    renamed = IDENTITY | {"identified": BUYER | {"name": "新名"}}
    other = event(message("identity.verified", renamed), "police-qingdao", key("p"))
    assert code(police(other)) == (409, "VR-111")
    assert int((People.from_env().open_row(PERSON) or {})["kept"]) == 1


def test_texts_that_were_sent_are_no_evidence(city):
    city.write_secret("keys-messages", {"sms-first": ring(shared("m"))})
    hear = city.function("partners", "hear_messages")
    said = {
        "message_id": derived_id("msg", "x"), "application_id": APP, "template": "weighed_verified"
    }  # fmt: skip
    answer = hear(event(message("sms.accepted", said), "sms-first", shared("m")))
    assert answer["statusCode"] == 202, answer
    assert not archived(city)


GIVEN = {"application_id": APP, "order_no": f"{APP}-1"}
PARCEL = GIVEN | {"parcel": "ALL", "waybill": "1234567890123"}


@pytest.mark.parametrize(
    ("word", "partner", "type_", "data", "status"),
    [
        ("plates", "plates-qingdao", "plates.made", GIVEN, 202),
        ("plates", "print-qingdao", "papers.printed", GIVEN, 202),
        ("couriers", "ems", "parcel.collected", PARCEL, 202),
        # The print room makes no plates, and another courier brings nothing of this one's.
        ("plates", "print-qingdao", "plates.made", GIVEN, 403),
        ("plates", "plates-qingdao", "papers.printed", GIVEN, 403),
        ("couriers", "sf", "parcel.collected", PARCEL, 403),
        # An order that was never given, or of another application.
        ("plates", "plates-qingdao", "plates.made", GIVEN | {"order_no": f"{APP}-2"}, 403),
        ("plates", "plates-qingdao", "plates.made",
         GIVEN | {"application_id": derived_id("app", "b")}, 403),
        ("couriers", "ems", "parcel.delivered",
         PARCEL | {"application_id": derived_id("app", "c"),
                   "order_no": derived_id("app", "c") + "-1"}, 403),
    ],
)  # fmt: skip
def test_a_key_speaks_only_of_what_its_partner_was_given(city, word, partner, type_, data, status):
    city.write_secret(f"keys-{word}", {partner: ring(key("x"))})
    ordered(city)
    ordered(city, derived_id("app", "b"), 0)
    hear = city.function("partners", f"hear_{word}")
    answer = hear(event(message(type_, data), partner, key("x")))
    assert answer["statusCode"] == status
