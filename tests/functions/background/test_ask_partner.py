"""Questions to partners: signed, paced, with the personal fields declared and no more."""

import json
import threading
import time
import traceback
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from chepai.edge import backing_off
from chepai.edge.asking import NotTheOwner, PartnerUnavailable
from chepai.edge.ids import derived_id
from chepai.edge.posting import AddressRefused, post
from chepai.edge.webhook_signature import Key, verify
from chepai.records.aws import client
from chepai.records.partners import AGREEMENTS, Partners
from chepai.records.people import People
from infra import agreements
from tests.functions.conftest import PLACE

APP, PERSON, REQUEST = derived_id("app", 1), derived_id("per", 1), derived_id("req", 1)
SECRET = f"whsec_{b64encode(b'q' * 32).decode()}"
LONG_AGO = datetime.now(UTC) - timedelta(days=1)


class Partner:
    """A partner on this machine that remembers what it was sent."""

    def __init__(self) -> None:
        self.status = 202
        self.got: list[tuple] = []
        partner = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                partner.got.append((self.path, dict(self.headers), body))
                self.send_response(partner.status)
                self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Desk)
        self.url = f"http://127.0.0.1:{self.server.server_port}/asked"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def partner():
    here = Partner()
    yield here
    here.server.shutdown()
    here.server.server_close()


@pytest.fixture
def ask(city, partner):
    ring = [{"kid": "o", "secret": SECRET, "from": LONG_AGO.isoformat(), "until": None}]
    for word, name in (("couriers", "ems"), ("tax", "tax-qingdao"), ("messages", "sms-first")):
        city.write_secret(f"keys-{word}", {name: ring})
    handler = city.function("background", "ask_partner")
    agreed = json.dumps(agreements.load("qingdao"))
    Partners.from_env().register({"partner_id": AGREEMENTS, "body": agreed})
    for name, kind in (
        ("ems", "courier"), ("tax-qingdao", "tax"), ("sms-first", "message_gateway"),
    ):  # fmt: skip
        Partners.from_env().register(
            {"partner_id": name, "kind": kind, "url": partner.url, "status": "live", "rate": 2}
        )
    People.from_env().keep(
        PERSON,
        {
            "name": "欧阳𠮷",
            "id_number": "370200199003070019",
            "phone": "13800138000",
            "address": "青岛市某路1号",
        },
    )

    client("dynamodb").put_item(
        TableName=PLACE.name("applications"),
        Item={"application_id": {"S": APP}, "person_id": {"S": PERSON}},
    )

    def asking(partner: str, type_: str, nth: int = 1, case: str = APP, **refs):
        question = {
            "partner": partner, "type": type_, "application_id": case, "request_id": REQUEST,
            "message_id": derived_id("msg", nth), "refs": refs,
        }  # fmt: skip
        return handler({"Records": [city.received("questions", question)]})

    return asking


def test_a_question_is_signed_and_carries_only_what_it_declares(ask, partner):
    ask("ems", "parcel.ordered", order_no="o1", parcel="PLATES", person_id=PERSON)
    ((_, headers, body),) = partner.got
    signed = verify(headers, body, [Key("o", SECRET, LONG_AGO)], now=datetime.now(UTC))
    assert signed.message_id == derived_id("msg", 1)
    data = json.loads(body)["data"]
    assert data.pop("name") == "欧阳𠮷"
    assert set(data) == {
        "request_id", "application_id", "order_no", "parcel", "phone", "address",
    }  # fmt: skip


def test_a_text_to_the_telephone_before_a_change_goes_there(ask, partner):
    People.from_env().keep(PERSON, {"phone": "13900139000"})
    order = {"order_no": "o1", "parcel": "PLATES", "person_id": PERSON}
    ask("ems", "parcel.ordered", 1, **order, former=True)
    ask("ems", "parcel.ordered", 2, **order)
    phones = [json.loads(body)["data"]["phone"] for _, _, body in partner.got]
    assert phones == ["13800138000", "13900139000"]


def test_who_reads_no_texts_gets_a_letter_and_who_has_no_address_yet_gets_none(ask, partner):
    told = {"template": "registered", "message_id": derived_id("msg", 9), "person_id": PERSON}
    ask("sms-first", "letter.ordered", 9, **told)
    ((_, _, body),) = partner.got
    data = json.loads(body)["data"]
    assert (data["name"], data["address"]) == ("欧阳𠮷", "青岛市某路1号")
    assert "phone" not in data
    # Nothing is sent to nowhere, and nothing is tried again.
    People.from_env().forget(PERSON, ["address", "phone"])
    for nth, type_ in enumerate(("letter.ordered", "call.ordered", "sms.ordered"), start=10):
        ask("sms-first", type_, nth, **told)
    assert len(partner.got) == 1


def test_a_question_without_personal_fields_reads_nobody(ask, partner, city):
    ask("tax-qingdao", "invoice.asked", vin="LZWADAGA1SB000123", person_id=PERSON)
    ((_, _, body),) = partner.got
    assert set(json.loads(body)["data"]) == {"request_id", "vin"}
    assert city.rows("ledger") == []


@pytest.mark.parametrize(
    ("case", "person"),
    [(APP, derived_id("per", 2)), (derived_id("app", 2), PERSON), ("", PERSON)],
)
def test_nobody_is_asked_about_who_is_not_the_cases_owner(ask, partner, city, caplog, case, person):
    People.from_env().keep(person, {"name": "甲", "phone": "13900139000", "address": "乙"})
    with pytest.raises(NotTheOwner):
        ask("ems", "parcel.ordered", case=case, order_no="o1", parcel="PLATES", person_id=person)
    assert (partner.got, city.rows("ledger")) == ([], [])
    (said,) = [each for each in caplog.records if each.message == "security_event"]
    assert said.code == "question_of_a_stranger"
    # What carries nothing of a person is asked without a look at its case.
    ask("tax-qingdao", "invoice.asked", case=case, vin="LZWADAGA1SB000123", person_id=person)
    assert len(partner.got) == 1


def test_every_reading_is_in_the_ledger_with_purpose_and_receiver(ask, city):
    ask("ems", "parcel.ordered", order_no="o1", parcel="PLATES", person_id=PERSON)
    (entry,) = city.rows("ledger")
    assert entry["to"] == {
        "fields": ["address", "name", "phone"],
        "purpose": "delivery",
        "case": APP,
        "receiver": "ems",
    }


def test_a_question_that_cannot_be_built_tells_the_log_nothing_personal(ask, partner):
    nobody = derived_id("per", "without a telephone")
    People.from_env().keep(nobody, {"name": "欧阳𠮷", "address": "青岛市某路1号"})
    client("dynamodb").put_item(
        TableName=PLACE.name("applications"),
        Item={"application_id": {"S": APP}, "person_id": {"S": nobody}},
    )
    with pytest.raises(ValueError, match="phone") as told:
        ask("ems", "parcel.ordered", order_no="o1", parcel="PLATES", person_id=nobody)
    logged = "".join(traceback.format_exception(told.value))
    assert "欧阳" not in logged
    assert "青岛市" not in logged
    assert partner.got == []


def test_over_the_limit_it_goes_back_and_costs_no_attempt(ask, partner, city):
    for nth in range(12):
        ask("tax-qingdao", "invoice.asked", nth, vin="LZWADAGA1SB000123")
    time.sleep(1.1)  # they come back a second later
    back = len(city.rows_waiting("questions"))
    assert back > 0
    assert len(partner.got) + back == 12


@pytest.mark.parametrize("status", [301, 302, 400, 404, 429, 500, 503])
def test_a_partner_that_does_not_take_it_leaves_it_in_the_queue(ask, partner, status):
    partner.status = status
    with pytest.raises(PartnerUnavailable):
        ask("tax-qingdao", "invoice.asked", vin="LZWADAGA1SB000123")
    assert len(partner.got) == 1


def test_a_partner_that_is_dead_holds_nobody_up(ask, partner, monkeypatch):
    from chepai.records import partners

    clock = [datetime.now(UTC)]
    monkeypatch.setattr("chepai.edge.asking.now", lambda: clock[0])
    partner.status = 503

    def asked(nth: int, who: str = "tax-qingdao") -> bool:
        before = len(partner.got)
        kind = {"vin": "LZWADAGA1SB000123"}
        try:
            ask(who, "invoice.asked", nth, **kind)
        except PartnerUnavailable:
            return len(partner.got) > before
        return True

    tried = []
    for nth in range(8):
        clock[0] += timedelta(seconds=1)
        tried.append(asked(nth))
    assert sum(tried) == partners.TOO_MANY, "then nobody calls it any more"
    assert tried[-3:] == [False] * 3
    # Another one is called as before, while this one rests.
    order = {"order_no": "o1", "parcel": "PLATES", "person_id": PERSON}
    partner.status = 202
    before = len(partner.got)
    ask("ems", "parcel.ordered", 20, **order)
    assert len(partner.got) == before + 1
    clock[0] += partners.REST + timedelta(seconds=1)
    partner.status = 503
    assert [asked(30), asked(31)] == [True, False], "one tries it for everybody"
    clock[0] += partners.REST + timedelta(seconds=1)
    partner.status = 202
    assert all(asked(nth) for nth in (40, 41))
    row = Partners.from_env().read("tax-qingdao") or {}
    assert not {"failed", "rests_until"} & row.keys()


def test_a_failed_question_comes_back_sooner_than_the_queue_would(ask, partner, city, monkeypatch):
    monkeypatch.setattr(backing_off, "FIRST_SECONDS", 0)
    partner.status = 503
    with pytest.raises(PartnerUnavailable):
        ask("tax-qingdao", "invoice.asked", vin="LZWADAGA1SB000123")
    (again,) = city.rows_waiting("questions")
    assert again["message_id"] == derived_id("msg", 1)


def test_it_comes_back_later_and_later_but_not_for_ever():
    waits = [backing_off._seconds(received) for received in range(1, 40)]
    assert 4 <= waits[0] <= 8
    assert waits[6] > waits[0]
    assert max(waits) <= 900


def test_an_unknown_or_suspended_partner_is_not_asked(ask, partner):
    with pytest.raises(PartnerUnavailable):
        ask("nobody", "invoice.asked", vin="LZWADAGA1SB000123")
    Partners.from_env().register(
        {"partner_id": "ems", "kind": "courier", "url": partner.url, "status": "suspended"}
    )
    with pytest.raises(PartnerUnavailable):
        ask("ems", "parcel.traced", order_no="o1", parcel="PLATES")
    assert partner.got == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.test/", "ftp://example.test/", "https://127.0.0.1/", "https://[::1]/",
        "https://10.0.0.8/", "https://169.254.169.254/latest/meta-data", "https://192.168.1.1/",
        "https://localhost/", "https://0.0.0.0/", "https://[::ffff:10.0.0.1]/", "https:///x",
        "file:///etc/passwd", "//example.test", "https://2130706433/", "https://100.64.0.1/",
        "https://[fd00::1]/", "https://[fe80::1]/", "https://user@127.0.0.1/",
        "https://[64:ff9b::a9fe:a9fe]/", "https://[2002:a9fe:a9fe::1]/", "https://224.0.0.1/",
        "https://[ff02::1]/", "https://0177.0.0.1/", "https://0x7f.1/",
    ],
)  # fmt: skip
def test_no_private_address_is_called_outside_the_sandbox(url):
    with pytest.raises(AddressRefused):
        post(url, b"{}", {}, private_allowed=False)


def test_a_redirect_is_not_followed(partner):
    partner.status = 307
    assert post(partner.url, b"{}", {}, private_allowed=True) == 307
    assert [path for path, _, _ in partner.got] == ["/asked"]
