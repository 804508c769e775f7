"""The vault: sealed for each person, and never opened before the ledger says by whom and why."""

import json

import pytest
from botocore.exceptions import ClientError

from chepai.domain.ledger import Actor
from chepai.records.aws import client
from chepai.records.ledger import Ledger
from chepai.records.people import People, PersonUnknown, Purpose

ASKER = Actor(role="system", id="ask_partner")
WHY = Purpose("registration", "app_1", "national-register")
NAMES = ("王沙盒", "𠮷田·𬸚𪩘", "阿卜杜热合曼·买买提依明" * 3, "O'Brien-Łukasz")


@pytest.fixture
def people(records: None) -> People:
    return People.from_env()


@pytest.mark.parametrize("name", NAMES)
def test_names_come_back_as_they_were(people: People, name: str) -> None:
    people.keep("per_1", {"name": name, "phone": "19900000000"}, blind_id="b1")
    assert people.read("per_1", ["name"], actor=ASKER, purpose=WHY) == {"name": name}
    assert people.found_by("b1") == "per_1"


def test_nothing_of_a_person_is_kept_in_the_clear(people: People) -> None:
    people.keep("per_1", {"name": "王沙盒", "phone": "19900000000"}, blind_id="b1")
    rows = client("dynamodb").scan(TableName=people.name)["Items"]
    assert "王沙盒" not in str(rows)
    assert "19900000000" not in str(rows)
    assert json.dumps(people.open_row("per_1"))


def test_every_reading_is_in_a_chain_that_verifies(people: People) -> None:
    people.keep("per_1", {"name": "王沙盒", "phone": "19900000000"})
    for _ in range(3):
        people.read("per_1", ["phone", "name"], actor=ASKER, purpose=WHY)
    ledger = Ledger.from_env()
    entries = ledger.of("person#per_1")
    assert ledger.verify("person#per_1") is None
    assert [each["to"] for each in entries] == 3 * [
        {
            "fields": ["name", "phone"],
            "purpose": "registration",
            "case": "app_1",
            "receiver": "national-register",
        }
    ]
    assert entries[0]["actor"] == {"role": "system", "id": "ask_partner"}


def test_no_entry_no_data(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.keep("per_1", {"name": "王沙盒"})
    asked: list[str] = []
    client("kms").meta.events.register(
        "before-call.kms.Decrypt", lambda **_: asked.append("decrypt")
    )
    monkeypatch.setenv("LEDGER_TABLE", "there-is-none")
    with pytest.raises(ClientError):
        people.read("per_1", ["name"], actor=ASKER, purpose=WHY)
    assert asked == [], "the key was asked for before the reading was in the ledger"


def test_the_sealed_fields_of_one_person_do_not_open_as_anothers(people: People) -> None:
    people.keep("per_1", {"name": "王沙盒"})
    people.keep("per_2", {"name": "李试样"})
    one = people.get({"person_id": "per_1"})
    assert one is not None
    moved = {name: one[name] for name in ("data_key", "sealed")}
    people.update({"person_id": "per_2"}, sets=moved)
    with pytest.raises(ClientError):
        people.read("per_2", ["name"], actor=ASKER, purpose=WHY)


def test_nobody_is_nobody(people: People) -> None:
    with pytest.raises(PersonUnknown):
        people.read("per_9", ["name"], actor=ASKER, purpose=WHY)
    assert people.found_by("b9") is None
    assert people.open_row("per_9") is None
    assert Ledger.from_env().of("person#per_9") == []


def test_only_a_change_of_contact_counts_as_a_change(people: People) -> None:
    people.keep("per_1", {"phone": "19900000000"})
    before = people.open_row("per_1")
    assert before is not None
    assert "contact_changed_at" not in before
    people.keep("per_1", {"phone": "19900000001"})
    after = people.open_row("per_1")
    assert after is not None
    assert after["contact_changed_at"]
