"""The machines of all services: their drawings, and how many cases stand at each state now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from chepai.domain.drawn import Machine
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.edge.api import Answer, Call
from chepai.edge.open_cases import OpenCases, Standing
from chepai.edge.pictures import machines, state_text
from chepai.edge.texts import say_in_both
from chepai.edge.views import Texts

QUERY: Mapping[str, str] = {"only": "counts: leave the drawings out, for a page that has them"}


class MachineState(Answer):
    """One state of a drawing; `within` names the state that holds it, `step` its function."""

    name: str
    text: Texts | None = None
    kind: str
    comment: str
    within: str | None = None
    step: str | None = None


class MachineWay(Answer):
    """One way between states: `when` next, choice, otherwise, late, trouble or error."""

    begins: str
    ends: str
    when: str
    word: str | None = None


class StateCount(Answer):
    """How many open cases stand at a state; `late` and `stuck` ones are among `open`."""

    state: str
    open: int
    late: int
    stuck: int
    oldest_since: str


class DrawnMachine(Answer):
    """One service's machine. Drawings are left out where only counts were asked for."""

    service: str
    text: Texts
    start: str
    open: int
    counts: list[StateCount]
    states: list[MachineState] | None = None
    ways: list[MachineWay] | None = None


class MachinesNow(Answer):
    """Every machine, with counts that are at most five seconds old; `at` is when they were so."""

    at: str
    machines: list[DrawnMachine]


@dataclass(frozen=True)
class Overview:
    """The adapters that the overview takes."""

    cases: OpenCases

    @classmethod
    def from_env(cls) -> Self:
        return cls(OpenCases.from_env())

    def read(self, call: Call[Any]) -> MachinesNow:
        """Every machine with its counts. Raises FieldInvalid."""
        faults = [FieldProblem(name, "unknown_field") for name in call.query if name not in QUERY]
        if call.query.get("only", "counts") != "counts":
            faults.append(FieldProblem("only", "not_a_choice"))
        if faults:
            raise FieldInvalid(*faults)
        cases, at = self.cases.now()
        whole = "only" not in call.query
        return MachinesNow(
            at=at, machines=[_drawn(each, cases, at, whole) for each in machines().values()]
        )


def states_of(machine: Machine) -> list[MachineState]:
    return [MachineState(**each, text=state_text(str(each["name"]))) for each in machine.states]


def ways_of(machine: Machine) -> list[MachineWay]:
    return [MachineWay(**each) for each in machine.ways]


def _drawn(machine: Machine, cases: Iterable[Standing], at: str, whole: bool) -> DrawnMachine:
    own = [each for each in cases if each.service == machine.service]
    return DrawnMachine(
        service=machine.service,
        text={
            language: {"title": parts["title"]}
            for language, parts in say_in_both("services", machine.service).items()
        },
        start=machine.start,
        open=len(own),
        counts=_counts(own, at),
        states=states_of(machine) if whole else None,
        ways=ways_of(machine) if whole else None,
    )


def _counts(cases: Iterable[Standing], at: str) -> list[StateCount]:
    found: dict[str, list[Standing]] = {}
    for each in cases:
        found.setdefault(each.state, []).append(each)
    return [
        StateCount(
            state=state,
            open=len(here),
            late=sum(each.is_late(at) for each in here),
            stuck=sum(each.stuck for each in here),
            oldest_since=min(each.since for each in here),
        )
        for state, here in sorted(found.items())
    ]
