"""The state machines' definitions, one module a service in infra/workflows."""

from importlib import import_module
from pathlib import Path

from infra.constructs.workflow import Definition

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
