"""The machines' definitions as drawings: states and the ways between them, for whoever looks.

Made from the very definitions that are deployed when the code is staged, and shipped with it, so
that no page asks Step Functions what a machine looks like.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from infra import definitions
from infra.definitions import Definition
from infra.workflows.fragments import TECHNICAL

State = Mapping[str, Any]

_KINDS = {
    "Choice": "question",
    "Parallel": "parallel",
    "Pass": "silence",
    "Succeed": "end",
    "Fail": "failure",
}
_TECHNICAL = frozenset(TECHNICAL) - {"States.Timeout"}


def everywhere() -> list[dict[str, Any]]:
    """Every machine's drawing, in the order of their names."""
    return [drawn(name, each) for name, each in definitions.everywhere().items()]


def drawn(name: str, definition: Definition) -> dict[str, Any]:
    """One machine: its states, those inside of others too, and every way from one to another."""
    where = next(
        state for state in definition["States"].values() if _asks(state) == "$.taken.outcome"
    )
    return {
        "service": name,
        "comment": definition["Comment"],
        "start": definition["StartAt"],
        "stands": {each["StringEquals"]: each["Next"] for each in where["Choices"]},
        "states": list(_states(definition)),
        "ways": list(_ways(definition)),
    }


def _asks(state: State) -> str:
    return str(state["Choices"][0]["Variable"]) if state["Type"] == "Choice" else ""


def _states(definition: Definition, within: str = "") -> Iterator[dict[str, Any]]:
    for name, state in definition["States"].items():
        said = {
            "name": name,
            "kind": _kind(state),
            "comment": state["Comment"],
            "within": within,
            "step": _step(state),
        }
        yield {each: value for each, value in said.items() if value}
        for branch in state.get("Branches", ()):
            yield from _states(branch, within=name)


def _kind(state: State) -> str:
    if state["Type"] == "Task":
        return "wait" if state["Resource"].endswith(".waitForTaskToken") else "task"
    return _KINDS[state["Type"]]


def _step(state: State) -> str:
    if state["Type"] != "Task":
        return ""
    return str(state["Parameters"]["FunctionName"]).removeprefix("${").removesuffix("}")


def _ways(definition: Definition) -> Iterator[dict[str, str]]:
    for name, state in definition["States"].items():
        if following := state.get("Next"):
            yield _way(name, following, "next")
        for choice in state.get("Choices", ()):
            yield _way(name, choice["Next"], "choice", choice["StringEquals"])
        if otherwise := state.get("Default"):
            yield _way(name, otherwise, "otherwise")
        for caught in state.get("Catch", ()):
            errors = caught["ErrorEquals"]
            if errors == ["States.Timeout"]:
                yield _way(name, caught["Next"], "late")
            elif _TECHNICAL.issuperset(set(errors) - {"States.Timeout"}):
                yield _way(name, caught["Next"], "trouble")
            else:
                yield _way(name, caught["Next"], "error", " ".join(errors))
        for branch in state.get("Branches", ()):
            yield from _ways(branch)


def _way(begins: str, ends: str, when: str, word: str = "") -> dict[str, str]:
    said = {"begins": begins, "ends": ends, "when": when, "word": word}
    return {name: value for name, value in said.items() if value}
