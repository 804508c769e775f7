"""What no agreement covers is not asked, and the case waits with the reason."""

import json
from datetime import UTC, datetime

import pytest

from chepai.edge import asking
from chepai.edge.ids import derived_id
from chepai.records.applications import Applications
from chepai.records.ledger import Ledger
from chepai.records.partners import AGREEMENTS, Partners
from infra import agreements
from tests.functions.citizen.office import VIN, Office


@pytest.fixture
def office(city, monkeypatch):
    return Office(city, monkeypatch)


@pytest.fixture
def ask(city, office, monkeypatch):
    """Asks for the invoice under agreements of which one is changed; how often it was sent."""
    ring = [{"kid": "o", "secret": "whsec_" + "cXFx" * 10, "from": "2026-01-01T00:00:00+00:00",
             "until": None}]  # fmt: skip
    city.write_secret("keys-tax", {"tax-qingdao": ring})
    sent = []
    monkeypatch.setattr(asking, "post", lambda *_, **__: sent.append(1) or 202)
    application_id = office.file()

    def asked(**changes) -> tuple[int, str]:
        agreed = agreements.load("qingdao")
        agreed["invoice.asked"] |= changes
        if changes.get("until") == "never":
            del agreed["invoice.asked"]
        handler = city.function("background", "ask_partner")
        row = {"partner_id": AGREEMENTS, "body": json.dumps(agreed)}
        Partners.from_env().register(row)
        Partners.from_env().register(
            {"partner_id": "tax-qingdao", "kind": "tax", "url": "http://x", "status": "live"}
        )
        sent.clear()
        for nth in range(2):
            question = {
                "partner": "tax-qingdao", "type": "invoice.asked", "refs": {"vin": VIN},
                "application_id": application_id, "request_id": derived_id("req", 1),
                "message_id": derived_id("msg", nth),
            }  # fmt: skip
            handler({"Records": [city.received("questions", question)]})
        return len(sent), application_id

    return asked


def test_under_an_agreement_it_is_asked(ask):
    times, case = ask(until=datetime.now(UTC).date().isoformat())
    assert times == 2
    assert Applications.from_env().read(case).stuck_because == ""


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"until": "2026-01-01"}, "AgreementExpired:invoice.asked"),
        ({"until": "never"}, "AgreementMissing:invoice.asked"),
        ({"partners": ["insurer"]}, "AgreementMissing:invoice.asked"),
        ({"sends": []}, "AgreementExceeded:invoice.asked"),
    ],
)
def test_without_one_it_is_not_and_the_case_is_a_clerks(ask, change, because):
    times, case_id = ask(**change)
    assert times == 0
    case = Applications.from_env().read(case_id)
    assert case.stuck_because == because
    assert case.queue_shard.startswith("clerk#")
    acts = [row["act"] for row in Ledger.from_env().of(case_id)]
    assert acts.count("not_asked") == 1
