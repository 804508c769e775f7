"""The vault: sealed for each person, and never opened before the ledger says by whom and why."""

import json
import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import pytest
from botocore.exceptions import ClientError

from chepai.domain.ledger import Actor
from chepai.edge.ids import new_id
from chepai.records.aws import client
from chepai.records.ledger import Ledger
from chepai.records.people import People, PersonUnknown, Purpose, StoredOnly

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
    moved = {name: one[name] for name in ("keys", "sealed", "under")}
    people.update({"person_id": "per_2"}, sets=moved)
    with pytest.raises(ClientError):
        people.read("per_2", ["name"], actor=ASKER, purpose=WHY)


def test_nobody_is_nobody(people: People) -> None:
    with pytest.raises(PersonUnknown):
        people.read("per_9", ["name"], actor=ASKER, purpose=WHY)
    assert people.found_by("b9") is None
    assert people.open_row("per_9") is None
    assert Ledger.from_env().of("person#per_9") == []


class Clock(datetime):
    """The vault's clock, moved by a test."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(time.time() + cls.ahead.total_seconds(), tz)


@pytest.mark.parametrize(("minutes", "counts"), [(0, False), (9, False), (11, True)])
def test_only_a_change_of_contact_counts_as_a_change(
    people: People, monkeypatch: pytest.MonkeyPatch, minutes: int, counts: bool
) -> None:
    """What is sent again because its answer was lost is the same contact, given once."""
    monkeypatch.setattr("chepai.records.people.datetime", Clock)
    monkeypatch.setattr(Clock, "ahead", timedelta())
    people.keep("per_1", {"phone": "19900000000"})
    before = people.open_row("per_1")
    assert before is not None
    assert "contact_changed_at" not in before
    monkeypatch.setattr(Clock, "ahead", timedelta(minutes=minutes))
    people.keep("per_1", {"phone": "19900000001"})
    after = people.open_row("per_1")
    assert after is not None
    assert ("contact_changed_at" in after) is counts


@pytest.mark.parametrize("minutes", [0, 9, 30])
def test_the_telephone_before_a_change_can_still_be_told_of_it(
    people: People, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """A thief in a hurry changes it twice, or a lost answer has it sent again."""
    monkeypatch.setattr("chepai.records.people.datetime", Clock)
    monkeypatch.setattr(Clock, "ahead", timedelta())
    people.keep("per_1", {"name": "王沙盒", "phone": "19900000000"})

    def reached(*, former: bool) -> str:
        known = people.read("per_1", ["phone"], actor=ASKER, purpose=WHY, former=former)
        return known["phone"]

    assert reached(former=True) == "19900000000", "nothing was changed yet"
    monkeypatch.setattr(Clock, "ahead", timedelta(hours=1))
    people.keep("per_1", {"phone": "19900000001"})
    monkeypatch.setattr(Clock, "ahead", timedelta(hours=1, minutes=minutes))
    people.keep("per_1", {"phone": "19900000002"})
    assert reached(former=False) == "19900000002"
    assert reached(former=True) == ("19900000001" if minutes > 10 else "19900000000")
    row = people.open_row("per_1")
    assert row is not None
    assert "former_phone" not in row
    people.forget("per_1", ["phone"])
    assert people.read("per_1", ["phone"], actor=ASKER, purpose=WHY, former=True) == {}
    assert "former_phone" not in (people.get({"person_id": "per_1"}) or {})


def test_sending_it_again_and_again_does_not_put_off_the_first_time(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chepai.records.people.datetime", Clock)
    for minutes in (0, 6, 12):
        monkeypatch.setattr(Clock, "ahead", timedelta(minutes=minutes))
        people.keep("per_1", {"phone": "19900000000"})
    row = people.open_row("per_1")
    assert row is not None
    assert row["contact_changed_at"]


def test_without_a_line_in_the_book_nothing_is_opened_however_often(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.keep("per_1", {"name": "王沙盒", "phone": "19900000000"})
    opened: list[str] = []
    client("kms").meta.events.register("before-call.kms.Decrypt", lambda **_: opened.append("x"))
    faults = ("ProvisionedThroughputExceededException", "AccessDeniedException", "InternalError")
    tried = {"n": 0}

    def broken(self: object, entry: object) -> None:
        tried["n"] += 1
        fault = {"Error": {"Code": faults[tried["n"] % 3], "Message": ""}}
        raise ClientError(fault, "PutItem")

    monkeypatch.setattr(Ledger, "append", broken)
    for nth in range(1000):
        with pytest.raises(ClientError):
            people.read("per_1", [("name", "phone")[nth % 2]], actor=ASKER, purpose=WHY)
    assert (tried["n"], opened) == (1000, [])


def test_a_writer_never_opens_a_key(people: People) -> None:
    opened: list[str] = []
    client("kms").meta.events.register("before-call.kms.Decrypt", lambda **_: opened.append("x"))
    people.keep("per_1", {"name": "王沙盒", "phone": "19900000000"})
    people.keep("per_1", {"address": "青岛市某路1号"})
    people.keep("per_1", {"name": "王沙盒"})
    assert opened == []
    known = people.read("per_1", ["name", "phone", "address"], actor=ASKER, purpose=WHY)
    assert known == {"name": "王沙盒", "phone": "19900000000", "address": "青岛市某路1号"}


def test_a_key_opens_for_its_person_and_kind_only(people: People) -> None:
    people.keep("per_1", {"name": "王沙盒", "phone": "19900000000"})
    (wrapped,) = [
        key
        for name, key in (people.get({"person_id": "per_1"}) or {})["keys"].items()
        if name.startswith("contact")
    ]
    for context in (
        {"person": "per_1", "kind": "identity"},
        {"person": "per_2", "kind": "contact"},
        {"person": "per_1"},
        {},
    ):
        with pytest.raises(ClientError):
            client("kms").decrypt(
                CiphertextBlob=wrapped, KeyId=people.key, EncryptionContext=context
            )


def test_what_has_no_place_in_the_vault_is_not_kept(people: People) -> None:
    with pytest.raises(KeyError):
        people.keep("per_1", {"religion": "none"})


def test_after_an_erasure_nothing_opens_nobody_is_found_and_the_chain_holds(
    people: People,
) -> None:
    fields = {"name": "王沙盒", "id_number": "370200199003070019", "phone": "19900000000"}
    people.keep("per_1", fields, blind_id="b1")
    people.read("per_1", list(fields), actor=ASKER, purpose=WHY)
    before = people.get({"person_id": "per_1"}) or {}
    people.forget("per_1", ["phone"])
    assert people.read("per_1", list(fields), actor=ASKER, purpose=WHY) == {
        "name": "王沙盒",
        "id_number": "370200199003070019",
    }
    people.forget("per_1", list(fields))
    assert people.found_by("b1") is None
    row = people.get({"person_id": "per_1"}) or {}
    assert not {"sealed", "keys", "under", "blind_id"} & set(row)
    for field in fields:
        with pytest.raises(PersonUnknown):
            people.read("per_1", [field], actor=ASKER, purpose=WHY)
    # A copy of the sealed fields alone, as in a log or an export, is worth nothing.
    people.update({"person_id": "per_1"}, sets={"sealed": before["sealed"]})
    with pytest.raises(PersonUnknown):
        people.read("per_1", ["name"], actor=ASKER, purpose=WHY)
    assert Ledger.from_env().verify("person#per_1") is None
    people.keep("per_1", fields, blind_id="b1")
    assert people.found_by("b1") == "per_1"


def test_what_is_only_stored_opens_for_its_person_and_for_a_later_case(people: People) -> None:
    people.keep("per_1", {"name": "王沙盒"})
    old, since = new_id("app"), datetime.now(UTC)
    people.store_only("per_1", since + timedelta(milliseconds=5))
    time.sleep(0.02)
    new = new_id("app")

    def read(word: str, case: str) -> dict[str, str]:
        why = Purpose(word, case, "national-register")
        return people.read("per_1", ["name"], actor=ASKER, purpose=why)

    with pytest.raises(StoredOnly):
        read("registration", old)
    assert read("registration", new)
    assert read("own_copy", "")
    people.store_only("per_1", None)
    assert read("registration", old)
