"""The state machines' definitions, one module a service in infra/workflows."""

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

Definition: TypeAlias = Mapping[str, Any]


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


def steps_of(definition: Definition) -> set[str]:
    """The folder names of the steps that a definition calls."""
    return {
        str(state["Parameters"]["FunctionName"]).removeprefix("${").removesuffix("}")
        for _, state in states_of(definition)
        if state["Type"] == "Task"
    }
