"""The state machines' definitions, one module a service in infra/workflows."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from infra.workflows import fragments

Definition: TypeAlias = Mapping[str, Any]


FAILS, SUCCEEDS = "SendTaskFailure", "SendTaskSuccess"
WORKFLOWS = Path(__file__).parent / "workflows"


def everywhere() -> dict[str, Definition]:
    """Every definition by the machine's name; a module without `definition` is a fragment."""
    modules = {
        each.stem: import_module(f"infra.workflows.{each.stem}")
        for each in sorted(WORKFLOWS.glob("*.py"))
        if not each.stem.startswith("_")
    }
    return {
        name: module.definition()
        for name, module in modules.items()
        if hasattr(module, "definition")
    }


def as_text(definition: Definition) -> str:
    """The definition as CloudFormation takes it, with ${…} where the deployment decides."""
    return json.dumps(definition, ensure_ascii=False, separators=(",", ":"))


def states_of(definition: Definition) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state with its name, those inside branches and maps included."""
    for name, state in definition["States"].items():
        yield name, state
        for branch in state.get("Branches", ()):
            yield from states_of(branch)
        for inner in ("ItemProcessor", "Iterator"):
            if inner in state:
                yield from states_of(state[inner])


def answers_of(name: str) -> dict[str, str]:
    """For each machine the verbs with which a function answers its tokens.

    A step answers the machines that wait for it, and only where the machine has a way out for a
    failure of that step may it send one. Who is no step (what wakes waiting states) answers all.
    """
    machines = _waits()
    if not any(name in steps for steps in _steps().values()):
        return dict.fromkeys(machines, f"{FAILS} {SUCCEEDS}")
    return {machine: verbs[name] for machine, verbs in machines.items() if name in verbs}


@cache
def _steps() -> dict[str, set[str]]:
    return {machine: steps_of(definition) for machine, definition in everywhere().items()}


@cache
def _waits() -> dict[str, dict[str, str]]:
    """For each machine the steps whose states wait for a token, with the verbs they answer by."""
    return {
        machine: {
            _step(state): f"{FAILS} {SUCCEEDS}" if _has_a_way_out(state) else SUCCEEDS
            for _, state in states_of(definition)
            if state["Type"] == "Task" and state["Resource"].endswith(".waitForTaskToken")
        }
        for machine, definition in everywhere().items()
    }


def _has_a_way_out(state: Mapping[str, Any]) -> bool:
    """Whether a state catches an error of its own, which only an answer to its token can be."""
    caught = {error for each in state.get("Catch", ()) for error in each["ErrorEquals"]}
    return bool(caught - {*fragments.TECHNICAL, "Withdrawn"})


def _step(state: Mapping[str, Any]) -> str:
    return str(state["Parameters"]["FunctionName"]).removeprefix("${").removesuffix("}")


def steps_of(definition: Definition) -> set[str]:
    """The folder names of the steps that a definition calls."""
    return {_step(state) for _, state in states_of(definition) if state["Type"] == "Task"}
