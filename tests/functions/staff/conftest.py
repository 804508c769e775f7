"""An office with one filed application, and the members of staff who look at it."""

from collections.abc import Mapping
from typing import Any

import pytest

from chepai.domain.verification import GROUNDS
from chepai.edge.clock import today
from tests.functions.citizen.office import Office
from tests.functions.conftest import City


def remove(table: Any, **key: Any) -> None:
    """Take a row away behind the back of our own code."""
    from chepai.records.aws import client
    from chepai.records.table import pack

    client("dynamodb").delete_item(TableName=table.name, Key=pack(key))


class Desk:
    """One application as staff act on it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.application_id = office.file()

    def ask(
        self, name: str, role: str, body: Any = None, *, who: str = "", **more: Any
    ) -> tuple[int, dict[str, Any]]:
        """One call about the application, by a member of staff with one role.

        A case is opened for a matter with a number unless the test says otherwise.
        """
        if name in ("read_case", "read_case_evidence") and "query" not in more:
            more["query"] = {"purpose": "complaint", "reference": "QD-2026-1"}
        return self.office.call(
            name, group="staff", person=who or f"sta_{role}_1", roles=role, body=body,
            **({"application_id": self.application_id} | more),
        )  # fmt: skip

    def case(self) -> Any:
        from chepai.records.applications import Applications

        return Applications.from_env().read(self.application_id)

    def put(self, status: str, holder: str = "", **changes: Any) -> None:
        """Where its machine would have brought it; the time is that of its last change."""
        from chepai.records.applications import queue_shard

        shard = queue_shard(holder, self.application_id) or None
        due = "2026-01-01T00:00:00.000Z" if holder else None
        self.office.put(
            self.application_id, status=status, queue_shard=shard, due_at=due, **changes
        )

    def ended(self, status: str, *codes: str, **changes: Any) -> None:
        """The case as its way back leaves it: refused for reasons, the car free again."""
        from chepai.records.applications import Applications

        self.put(status, ending=status, reasons=self.reasons(*codes), **changes)
        remove(Applications.from_env(), application_id=f"vin#{self.case().vin}#new_car")

    def reasons(self, *codes: str) -> list[dict[str, str]]:
        from chepai.domain.reasons import cards
        from chepai.edge.weighing import recorded
        from chepai.records.cities import Cities

        found = [GROUNDS[code].found() for code in codes]
        made = cards(found, GROUNDS, today=today(), profile=Cities.from_env().current())
        return [recorded(each) for each in made]

    def said(self, kind: Any) -> list[Mapping[str, Any]]:
        from chepai.records.facts import Facts

        return [fact.says for fact in Facts.from_env().of_kind(self.case().subject, kind)]

    def history(self) -> list[str]:
        from chepai.records.ledger import Ledger

        ledger = Ledger.from_env()
        assert ledger.verify(self.application_id) is None
        return [row["act"] for row in ledger.of(self.application_id)]

    def runs(self) -> list[str]:
        """The names of the executions that were started, the first one first."""
        from chepai.records.aws import client

        found = client("stepfunctions").list_executions(stateMachineArn=self.office.machine)
        return sorted(each["name"] for each in found["executions"])


@pytest.fixture
def desk(city: City, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(Office(city, monkeypatch))
