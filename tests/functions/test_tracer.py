"""What is really read of people, heard at the SDK, against what the book of accesses says.

Random traffic of staff and of questions to partners, from a fixed seed: whatever row of a person
was fetched and left in an answer, and whatever key was opened, has its line, and no line is
without its reading. A reading planted past the book is found.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient

from chepai.domain.application import Application
from tests.functions.citizen.office import OTHER, PERSON, VIN, Office
from tests.functions.conftest import City

STEPS, SEED = 60, 20261123
STAFF = {
    "read_case": ("clerk", "reviewer", "officer", "inspector", "operator"),
    "list_open_applications": ("clerk", "operator"),
    "list_reviews": ("reviewer",),
    "enter_inspection": ("inspector",),
    "hand_over": ("clerk",),
    "decide_review": ("reviewer",),
}
INSPECTION = {"vin": VIN, "result": "PASSED", "recording_no": "R1", "inspector_no": "QD-0042"}
BODIES: Mapping[str, Any] = {
    "enter_inspection": INSPECTION,
    "hand_over": {"identity_shown": True},
    "decide_review": {"decision": "APPROVED", "version": 1},
}
Reads = Counter[tuple[str, str]]


class Tracer:
    """Hears every call of the SDK and remembers whose rows came and whose keys were opened."""

    def __init__(self) -> None:
        self.rows: set[tuple[str, str]] = set()
        self.opened: set[str] = set()

    @contextmanager
    def listening(self) -> Iterator[None]:
        self.rows, self.opened = set(), set()
        real = BaseClient._make_api_call

        def heard(client: Any, operation: str, asked: dict[str, Any]) -> Any:
            answer = real(client, operation, asked)
            if operation == "Decrypt":
                self.opened.add(asked["EncryptionContext"]["person"])
            for item in _items(answer):
                case = item.get("application_id", {}).get("S", "")
                person = item.get("person_id", {}).get("S", "")
                if case.startswith("app_") and person:
                    self.rows.add((case, person))
            return answer

        with patch.object(BaseClient, "_make_api_call", heard):
            yield

    def left_in(self, reply: Mapping[str, Any]) -> Reads:
        """Whose case really left: its row was fetched and its identifier is in the answer."""
        text = json.dumps(reply)
        return Counter((person, case) for case, person in self.rows if case in text)


def _items(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "Item" in answer:
        yield answer["Item"]
    if "Attributes" in answer:
        yield answer["Attributes"]
    yield from answer.get("Items", ())
    for rows in answer.get("Responses", {}).values() if "Responses" in answer else ():
        yield from rows


def lines() -> Reads:
    """What the book says, by person and case."""
    from chepai.records.ledger import Ledger

    return Counter(
        (person, row["to"].get("case", ""))
        for person in _everybody()
        for row in Ledger.from_env().of(f"person#{person}")
        if row["act"] == "read"
    )


def _everybody() -> list[str]:
    return [PERSON, OTHER, *(f"per_{n:026d}" for n in range(6))]


def a_few_cases(like: str) -> list[str]:
    """Cases of several people beside one that was really filed, at different desks."""
    from chepai.records.applications import Applications, queue_shard

    table, made = Applications.from_env(), [like]
    version = table.read(like).profile_version
    for n in range(6):
        name = f"app_{n:026d}"
        status = ("reviewing", "on_site_required", "kept_for_pick_up")[n % 3]
        holder = ("reviewer", "inspector", "clerk")[n % 3]
        one = Application(
            application_id=name, service="new_car", city="370200", profile_version=version,
            person_id=f"per_{n:026d}", status=status, submitted_at="2026-01-01T00:00:00.000Z",
            since="2026-01-01T00:00:00.000Z", version=1, vin=VIN,
            queue_shard=queue_shard(holder, name),
            due_at=f"2026-02-01T00:00:{n:02d}.000Z",
        )  # fmt: skip
        table.put(one.row(), when="attribute_not_exists(application_id)")
        made.append(name)
    return made


@pytest.fixture
def office(city: City, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(city, monkeypatch)


def traffic(office: Office, steps: int) -> tuple[Reads, Reads]:
    """What really left and what the book has after so many random requests."""
    chance, tracer, real = random.Random(SEED), Tracer(), Reads()
    cases = a_few_cases(office.file())
    before = lines()
    for _ in range(steps):
        name = chance.choice(list(STAFF))
        role = chance.choice(STAFF[name])
        with tracer.listening():
            _, reply = office.call(
                name, group="staff", person=f"sta_{role}_{chance.randint(1, 2)}", roles=role,
                body=BODIES.get(name), application_id=chance.choice(cases),
                query={"reference": "QD-2026-1"} if name == "read_case" else {},
            )  # fmt: skip
        real += tracer.left_in(reply)
        assert not tracer.opened, f"{name} opened the vault"
    return real, lines() - before


def test_every_reading_of_staff_has_its_line_and_no_line_is_without_one(office: Office) -> None:
    real, booked = traffic(office, STEPS)
    assert sum(real.values()) > STEPS
    assert real == booked


def test_a_reading_past_the_book_is_found(office: Office) -> None:
    from chepai.records.accesses import Accesses

    entered = count(1)  # a list enters its lines in threads
    kept = Accesses.note

    def forgets(self: Any, *said: Any, **more: Any) -> None:
        # Only the line: whoever may not read is refused before it, and counts for nothing here.
        if next(entered) != 3:
            kept(self, *said, **more)

    with patch.object(Accesses, "note", forgets):
        real, booked = traffic(office, 20)
    missing = real - booked
    assert sum(missing.values()) == 1
    assert not booked - real


def test_the_vault_is_opened_for_whom_the_book_names_and_no_other(office: Office) -> None:
    from chepai.domain.ledger import Actor
    from chepai.records.ledger import Ledger
    from chepai.records.people import People, Purpose

    chance, tracer, people = random.Random(SEED), Tracer(), People.from_env()
    by = Actor("system", "ask_partner")
    for n in range(80):
        person = chance.choice([PERSON, OTHER])
        fields = chance.sample(["name", "phone", "address"], chance.randint(1, 3))
        before = Ledger.from_env().of(f"person#{person}")
        with tracer.listening():
            known = people.read(person, fields, actor=by, purpose=Purpose("papers", f"a{n}", "p"))
        after = Ledger.from_env().of(f"person#{person}")
        assert tracer.opened == ({person} if known else set())
        assert [line["to"]["fields"] for line in after[len(before) :]] == (
            [sorted(known)] if known else []
        )
