"""One page a workflow in docs/workflows/: the drawing, and every state with its limit and its ways.

`make diagrams` writes them; a test says when one no longer fits its definition.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra import definitions
from infra.assets import ROOT
from infra.definitions import Definition, states_of

PAGES = ROOT / "docs" / "workflows"

State = Mapping[str, Any]

_TECHNICAL = ("Lambda.", "Runtime.", "Sandbox.", "States.TaskFailed")


def page(name: str, definition: Definition) -> str:
    """The page of one workflow, as it is committed."""
    return "\n".join(
        [
            f"# {name.replace('_', ' ').capitalize()}",
            "",
            definition["Comment"],
            "",
            f"Drawn from `infra/workflows/{name}.py` by `make diagrams`.",
            "",
            "```mermaid",
            "flowchart TD",
            *_drawn(definition),
            "```",
            "",
            "| state | why | who answers | at most | when it goes otherwise |",
            "|---|---|---|---|---|",
            *(_row(each, state) for each, state in states_of(definition)),
            "",
        ]
    )


def _drawn(definition: Definition) -> Iterator[str]:
    """Boxes and arrows; ways to a clerk are left to the table, or they would hide the rest."""
    ids = {name: f"s{number}" for number, (name, _) in enumerate(states_of(definition))}
    for name, state in definition["States"].items():
        if state["Type"] == "Parallel":
            yield f'  subgraph {ids[name]}["{name}"]'
            for branch in state["Branches"]:
                first = branch["StartAt"]
                yield f'    {ids[first]}["{first}"]'
            yield "  end"
        else:
            yield f"  {ids[name]}{_shape(name, state)}"
    for name, state in definition["States"].items():
        if following := state.get("Next"):
            yield f"  {ids[name]} --> {ids[following]}"
        for choice in state.get("Choices", ()):
            word = choice["StringEquals"].replace("_", " ")
            yield f"  {ids[name]} -->|{word}| {ids[choice['Next']]}"
        for caught in state.get("Catch", ()):
            if caught["ErrorEquals"] == ["States.Timeout"]:
                yield f"  {ids[name]} -.->|too late| {ids[caught['Next']]}"


def _shape(name: str, state: State) -> str:
    match state["Type"]:
        case "Choice":
            return f'{{"{name}"}}'
        case "Succeed" | "Fail":
            return f'(["{name}"])'
        case _ if _waits(state):
            return f'[/"{name}"/]'
        case _:
            return f'["{name}"]'


def _row(name: str, state: State) -> str:
    ways = "; ".join(
        f"{_words(caught['ErrorEquals'])} → {caught['Next']}" for caught in state.get("Catch", ())
    )
    return f"| {name} | {state['Comment']} | {_who(state)} | {_limit(state)} | {ways or '–'} |"


def _who(state: State) -> str:
    if state["Type"] != "Task":
        return "–"
    step = str(state["Parameters"]["FunctionName"])[2:-1]
    return f"`{step}`, when the answer comes" if _waits(state) else f"`{step}`"


def _limit(state: State) -> str:
    if "TimeoutSecondsPath" in state:
        return "as the city says"
    return f"{state['TimeoutSeconds']} s" if "TimeoutSeconds" in state else "–"


def _words(errors: list[str]) -> str:
    if errors == ["States.Timeout"]:
        return "too late"
    named = [each for each in errors if not each.startswith(_TECHNICAL)]
    return "trouble" if len(named) < len(errors) else " or ".join(named)


def _waits(state: State) -> bool:
    return str(state.get("Resource", "")).endswith(".waitForTaskToken")


def pages() -> dict[Path, str]:
    return {
        PAGES / f"{name}.md": page(name, definition)
        for name, definition in definitions.everywhere().items()
    }


def main() -> None:
    PAGES.mkdir(parents=True, exist_ok=True)
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8")
        print(f"{file.relative_to(ROOT)} is written")


if __name__ == "__main__":
    main()
