"""The register is not asked while nothing is sealed; the case says so and an operator has it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chepai.domain.application import Application
from chepai.domain.life_cycle import SEALING_STOPPED, Status
from chepai.edge.fail_stop import AskingTheRegister
from chepai.edge.step import SealingStopped, Task
from chepai.records.applications import stamp

TASK: Any = SimpleNamespace(application_id="app_1", cause="", actor=None)
MINUTES = 240


def ago(minutes: int) -> str:
    return stamp(datetime.now(UTC) - timedelta(minutes=minutes))


@dataclass
class Case:
    """One case under the step's hands: what was done to it, and whether the register was asked."""

    now: Application
    acts: list[str] = field(default_factory=list)
    asked: int = 0

    def open(self, _: Task) -> Application:
        return self.now

    def profile(self, _: Application) -> Any:
        return SimpleNamespace(sealing=SimpleNamespace(stop_after_minutes=MINUTES))

    def move(self, before: Application, to: Status, *, act: str, by: Any, **changes: Any) -> Any:
        self.acts.append(act)
        self.now = replace(before, status=to.value, **changes)
        return self.now

    def wait(self, _: Task, __: Application) -> str:
        self.asked += 1
        return "waits"


Made = Callable[..., tuple[Case, AskingTheRegister]]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    # What is counted is counted for a place.
    monkeypatch.setenv("CHEPAI_STAGE", "sandbox")
    monkeypatch.setenv("CHEPAI_CITY", "qingdao")

    def make(head: Any, *, filed: int = 0, **changes: Any) -> tuple[Case, AskingTheRegister]:
        case = Case(
            Application(
                application_id="app_1", service="new_car", city="370200", profile_version="v",
                person_id="per_1", status="approved", submitted_at=ago(filed), **changes,
            )
        )  # fmt: skip
        every: Any = case
        seals: Any = SimpleNamespace(head=lambda: head)
        return case, AskingTheRegister(every, every, seals)

    return make


def head(sealed: int | None, began: int = 9_999) -> Any:
    return SimpleNamespace(sealed_at=None if sealed is None else ago(sealed), began=ago(began))


@pytest.mark.parametrize(
    ("sealed", "filed"),
    [(head(1), 0), (head(MINUTES - 60), 0), (None, 1), (head(None, began=1), 0)],
)
def test_the_register_is_asked_while_the_ledger_is_sealed(made: Made, sealed: Any, filed: int):
    case, asking = made(sealed, filed=filed)
    assert asking.ask(TASK) == "waits"
    assert (case.acts, case.asked) == (["register_asked"], 1)


@pytest.mark.parametrize(
    ("sealed", "filed"), [(head(MINUTES + 1), 0), (None, MINUTES + 1), (head(None), 0)]
)
def test_nothing_is_registered_while_nothing_is_sealed(made: Made, sealed: Any, filed: int):
    case, asking = made(sealed, filed=filed)
    for _ in range(2):
        with pytest.raises(SealingStopped):
            asking.ask(TASK)
    assert case.asked == 0
    assert case.acts == ["register_held"], "said once"
    assert (case.now.status, case.now.stuck_because) == ("approved", SEALING_STOPPED)


def test_what_was_asked_already_is_awaited_however_long_ago(made: Made):
    case, asking = made(head(MINUTES + 1))
    case.now = replace(case.now, status=Status.REGISTERING.value)
    assert asking.ask(TASK) == "waits"
    assert case.acts == []
