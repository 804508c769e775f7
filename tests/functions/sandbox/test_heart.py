"""The heart beats as a citizen files, and a beat that goes wrong is no beat."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from chepai.domain.heartbeat import is_heartbeat
from chepai.domain.tracing import noted
from chepai.edge.ids import derived_id, new_id
from chepai.partners.message import PersonId
from chepai_sandbox import heart


class Fake:
    """A city that answers as ours does; `wrong` answers come in the place of the right ones."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.persons: list[str] = []
        self.statuses = ["verifying", "awaiting_owner", "awaiting_owner", "withdrawn"]
        self.wrong: dict[str, tuple[int, dict[str, object]]] = {}
        self.invoices = [(404, {"code": "VR-208"}), (200, {"invoices": []})]

    def ask(self, method: str, path: str, body: Any = None):
        self.asked.append(f"{method} {path}")
        if f"{method} {path}" in self.wrong:
            return self.wrong[f"{method} {path}"]
        match method, path:
            case "POST", "/sandbox/worlds":
                self.persons.append(body["person"]["person_id"])
                return 201, {"vin": "LSVAAAAA1TA000001"}
            case "POST", "/sandbox/identity/token":
                return 200, {"access_token": "t"}
            case "GET", "/v1/me/invoices":
                known = (200, {"invoices": [{"vin": "LSVAAAAA1TA000001"}]})
                return self.invoices.pop(0) if self.invoices else known
            case "POST", "/v1/new-car-registrations":
                return 201, {"application_id": "app_1"}
            case "GET", "/v1/applications/app_1":
                return 200, {"status": self.statuses.pop(0) if self.statuses else "verifying"}
            case "POST", "/v1/applications/app_1/withdrawal":
                return 200, {}
            case "POST", "/v1/certificate-reissues":
                return 404, {"code": "VR-312"}
        raise AssertionError(path)


@pytest.fixture
def fake(city, monkeypatch):
    made = Fake()
    city.write_secret("sandbox-keys", {"base_url": "https://office.test", "rings": {}})
    monkeypatch.setattr(heart, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(heart.Phone, "ask", made.ask)
    return made


@pytest.fixture
def beat(city, fake, capsys):
    def once():
        told = city.function("sandbox", "beat")({})
        out = capsys.readouterr().out
        return told, {name for name in heart.BEATS.values() if f'"{name}":[1.0]' in out}

    return once


def test_a_beat_ends_before_a_number_or_a_fee(fake, beat):
    told, counted = beat()
    assert told == {"new_car": "well", "certificate_reissue": "well"}
    assert counted == set(heart.BEATS.values())
    acts = [each.rpartition("/")[2] for each in fake.asked]
    assert "withdrawal" in acts
    assert not {"number", "offers", "payments", "signature"} & set(acts)


@pytest.mark.parametrize(
    ("path", "wrong", "missed"),
    [
        ("POST /v1/new-car-registrations", (503, {}), "new_car"),
        ("GET /v1/me/invoices", (500, {}), "new_car"),
        ("GET /v1/applications/app_1", (200, {"status": "expired"}), "new_car"),
        ("POST /v1/certificate-reissues", (201, {}), "certificate_reissue"),
        ("POST /v1/certificate-reissues", (500, {"code": "VR-900"}), "certificate_reissue"),
    ],
)
def test_what_ends_otherwise_is_no_beat_and_stops_no_other(fake, beat, path, wrong, missed):
    fake.wrong[path] = wrong
    told, counted = beat()
    assert {service for service, how in told.items() if how != "well"} == {missed}
    assert counted == set(heart.BEATS.values()) - {heart.BEATS[missed]}


def test_a_case_that_stands_still_is_missed(fake, beat, monkeypatch):
    monkeypatch.setattr(heart, "SECONDS", 0)
    fake.statuses = []
    assert beat()[0]["new_car"].startswith("not ")


def test_its_mark_is_on_it_from_birth_and_on_nobody_else(fake, beat):
    beat()
    fake.statuses = ["awaiting_owner", "withdrawn"]
    beat()
    first, second = fake.persons
    assert first != second
    for person in (first, second):
        assert is_heartbeat(person)
        assert TypeAdapter(PersonId).validate_python(person)
    assert not any(is_heartbeat(derived_id("per", n)) for n in range(1000))
    assert not is_heartbeat(new_id("per"))


def test_its_applications_are_not_counted_as_filed():
    entry = {"act": "submitted", "actor": {"role": "citizen", "id": new_id("per")}}
    assert noted(entry) == "filed"
    assert noted(entry | {"actor": {"role": "citizen", "id": "per_HEARTBEAT" + "0" * 17}}) == ""
