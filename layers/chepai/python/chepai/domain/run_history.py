"""One run of a machine, told by its history: which states it passed, and how each of them went.

A history also holds task tokens and whole errors. Here only identifiers, outcome words and names
of errors are taken out of it; whatever else it says is never looked at.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from chepai.domain.personal_data import reads_as_personal


class Went(StrEnum):
    """How a visit of a state went."""

    PASSED = "passed"
    RETRIED = "retried"
    LATE = "late"
    FAILED = "failed"
    WAITING = "waiting"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Visit:
    """One time that a run was in a state; `tries` counts how often its function was called."""

    state: str
    entered_at: datetime
    left_at: datetime | None = None
    went: Went = Went.WAITING
    tries: int = 0
    error: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    made: Mapping[str, Any] = field(default_factory=dict)


_WORD = re.compile(r"^[A-Za-z0-9_.:-]{1,64}$")
_CASE = re.compile(r"^app_[0-9A-Z]{26}$")
_CALLED = frozenset({"TaskScheduled", "LambdaFunctionScheduled"})
_FAILED = frozenset({"TaskFailed", "TaskSubmitFailed", "LambdaFunctionFailed", "TaskStartFailed"})
_TIMED_OUT = frozenset({"TaskTimedOut", "LambdaFunctionTimedOut"})
_WENT_WELL = frozenset({"TaskSucceeded", "LambdaFunctionSucceeded"})
_RUNNING = "RUNNING"


def visits(events: Sequence[Mapping[str, Any]], status: str) -> list[Visit]:
    """The visits of a run in the order in which they began.

    `events` are those of the history, in order, the first ones perhaps missing; `status` is the
    run's own. A state that was not left is waiting while the run runs, else it was stopped with
    the run.
    """
    made: list[Visit] = []
    # Which visit an event belongs to is known by the event before it; branches run side by side.
    of_event: dict[int, int] = {}
    for event in events:
        kind, number = str(event["type"]), int(event["id"])
        if kind.endswith("StateEntered"):
            entered = event["stateEnteredEventDetails"]
            # A run that comes to a failure ends there.
            went = Went.FAILED if kind == "FailStateEntered" else Went.WAITING
            given = told(entered.get("input"))
            made.append(Visit(str(entered["name"]), event["timestamp"], went=went, given=given))
            of_event[number] = len(made) - 1
            continue
        nth = of_event.get(int(event.get("previousEventId", 0)))
        if kind.endswith("StateExited"):
            left = event["stateExitedEventDetails"]
            nth = _open(made, str(left["name"]), nth)
            if nth is not None:
                made[nth] = _left(made[nth], event["timestamp"], left.get("output"))
        elif nth is not None:
            made[nth] = _after(made[nth], kind, event)
        if nth is not None:
            of_event[number] = nth
    return [_ended(each, status) for each in made]


def told(text: str | None) -> dict[str, Any]:
    """What may be told of a state's input or output: identifiers, outcome words, error names."""
    try:
        carried = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(carried, dict):
        return {}
    found: dict[str, Any] = {}
    case = carried.get("application_id")
    found["application_id"] = case if isinstance(case, str) and _CASE.fullmatch(case) else ""
    found["outcome"] = _word(carried.get("outcome"))
    run = carried.get("run")
    found["run"] = run if isinstance(run, int) else ""
    for part, name, as_what in (
        ("taken", "outcome", "stands"),
        ("last", "outcome", "last"),
        ("error", "Error", "error"),
    ):
        inner = carried.get(part)
        found[as_what] = _word(inner.get(name)) if isinstance(inner, dict) else ""
    return {name: value for name, value in found.items() if value != ""}


def by_state(found: Iterable[Visit]) -> dict[str, Visit]:
    """The newest visit of each state: where a run came by twice, the last time counts."""
    return {each.state: each for each in found}


def _word(value: Any) -> str:
    """A word or an identifier, "" for anything longer, freer, or that could name a person."""
    text = value if isinstance(value, str) else ""
    return text if _WORD.fullmatch(text) and not reads_as_personal(text) else ""


def _open(made: Sequence[Visit], name: str, nth: int | None) -> int | None:
    """The visit that is left: the one the event belongs to, or the open one of that state."""
    if nth is not None and made[nth].state == name:
        return nth
    of_name = [n for n, each in enumerate(made) if each.state == name and each.left_at is None]
    return of_name[-1] if of_name else None


def _left(visit: Visit, at: datetime, output: str | None) -> Visit:
    went = visit.went
    if went is Went.WAITING:
        went = Went.RETRIED if visit.error else Went.PASSED
    error = "" if went is Went.PASSED else visit.error
    return replace(visit, left_at=at, went=went, error=error, made=told(output))


def _after(visit: Visit, kind: str, event: Mapping[str, Any]) -> Visit:
    """A visit after one more event: called once more, failed, or answered after all."""
    if kind in _CALLED:
        return replace(visit, tries=visit.tries + 1, went=Went.WAITING)
    if kind in _FAILED or kind in _TIMED_OUT:
        went = Went.LATE if kind in _TIMED_OUT else Went.FAILED
        return replace(visit, went=went, error=_error(event) or visit.error)
    if kind in _WENT_WELL:
        return replace(visit, went=Went.RETRIED if visit.tries > 1 else Went.WAITING)
    return visit


def _error(event: Mapping[str, Any]) -> str:
    for name, details in event.items():
        if name.endswith("EventDetails") and isinstance(details, Mapping):
            return _word(details.get("error"))
    return ""


def _ended(visit: Visit, status: str) -> Visit:
    if visit.left_at is not None or visit.went is not Went.WAITING or status == _RUNNING:
        return visit
    return replace(visit, went=Went.STOPPED if status != "SUCCEEDED" else Went.PASSED)
