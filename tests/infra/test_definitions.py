"""What a state machine must be like for an operator to read it and a crash to be survived."""

import ast
import re
from collections.abc import Iterator

import pytest

from infra import definitions
from infra.access import of_group
from infra.assets import LAYER, ROOT
from infra.definitions import states_of, steps_of

DEFINITIONS = definitions.everywhere()
LONGEST_NAME = 60
# What the console should not say: names of services, and words that say nothing.
BANNED = re.compile(
    r"\b(lambda|dynamodb|sqs|sns|s3|api|token|put ?item|emit|query table|parallel|handler|process"
    r"|manager|processor|util|helper|common|data|info|base|todo|placeholder)\b",
    re.IGNORECASE,
)
CALLS = (
    "arn:${partition}:states:::lambda:invoke",
    "arn:${partition}:states:::lambda:invoke.waitForTaskToken",
)
OF_AWS = ("States.", "Lambda.", "Runtime.", "Sandbox.")

States = list[tuple[str, dict]]


def every_state(*kinds: str) -> Iterator[tuple[str, str, dict]]:
    for machine, definition in DEFINITIONS.items():
        for name, state in states_of(definition):
            if not kinds or state["Type"] in kinds:
                yield machine, name, dict(state)


def levels(definition: dict) -> Iterator[dict]:
    """The definition and every branch in it: each has states of its own."""
    yield definition
    for state in definition["States"].values():
        for branch in state.get("Branches", ()):
            yield from levels(branch)
        for inner in ("ItemProcessor", "Iterator"):
            if inner in state:
                yield from levels(state[inner])


def next_of(state: dict) -> set[str]:
    return (
        {state[key] for key in ("Next", "Default") if key in state}
        | {each["Next"] for each in state.get("Catch", ())}
        | {each["Next"] for each in state.get("Choices", ())}
    )


def errors_of(state: dict) -> set[str]:
    return {
        error
        for each in (*state.get("Catch", ()), *state.get("Retry", ()))
        for error in each["ErrorEquals"]
    }


def test_names_read_like_a_checklist():
    for machine, name, state in every_state():
        where = f"{machine}: {name}"
        assert len(name) <= LONGEST_NAME, where
        assert name[0].isupper(), where
        # Sentence case: a capital inside a word, or on a word, is a name of code.
        assert not re.search(r"[a-z][A-Z]|_", name), where
        assert not BANNED.search(name), where
        assert name.endswith("?") == (state["Type"] == "Choice"), where


def test_names_are_unique_in_a_machine():
    for machine, definition in DEFINITIONS.items():
        names = [name for name, _ in states_of(definition)]
        assert len(names) == len(set(names)), machine


def test_every_state_says_why_it_is_there():
    for machine, name, state in every_state():
        assert len(state.get("Comment", "")) >= 10, f"{machine}: {name}"


def test_tasks_call_functions_and_nothing_else():
    for machine, name, state in every_state("Task"):
        assert state["Resource"] in CALLS, f"{machine}: {name}"
        assert re.fullmatch(r"\$\{\w+\}", state["Parameters"]["FunctionName"]), name


def test_every_step_that_is_named_is_a_function():
    known = set(of_group("steps"))
    for machine, definition in DEFINITIONS.items():
        assert steps_of(definition) <= known, machine


def test_every_task_has_a_limit_a_retry_with_jitter_and_a_catch():
    for machine, name, state in every_state("Task"):
        where = f"{machine}: {name}"
        assert ("TimeoutSeconds" in state) != ("TimeoutSecondsPath" in state), where
        assert state["Retry"], where
        for retry in state["Retry"]:
            assert retry["JitterStrategy"] == "FULL", where
            # What the office itself must mend first is tried until it is mended.
            assert retry["MaxAttempts"] <= 8 or retry["ErrorEquals"] == ["SealingStopped"], where
        assert state["Catch"], where


def test_every_wait_ends_by_the_city_s_own_deadline_and_has_a_way_out():
    for machine, name, state in every_state("Task"):
        if state["Resource"].endswith(".waitForTaskToken"):
            assert "TimeoutSecondsPath" in state, f"{machine}: {name}"
            assert "States.Timeout" in errors_of(state), f"{machine}: {name}"


def test_no_catch_swallows_everything():
    for machine, name, state in every_state():
        assert "States.ALL" not in errors_of(state), f"{machine}: {name}"


def test_named_errors_exist():
    classes = {
        node.name
        for source in LAYER.rglob("*.py")
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    # A failure that answers a token carries a word instead of a class.
    words = {
        node.value
        for source in [*LAYER.rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for machine, name, state in every_state():
        for error in errors_of(state):
            known = error.startswith(OF_AWS) or error in classes or error in words
            assert known, f"{machine}: {name} waits for {error}"


def test_choices_compare_words_and_foresee_the_unforeseen():
    for machine, name, state in every_state("Choice"):
        assert state["Default"], f"{machine}: {name}"
        for each in state["Choices"]:
            assert set(each) <= {"Variable", "StringEquals", "Next", "Comment"}, name


def test_only_identifiers_words_and_the_token_travel():
    for machine, name, state in every_state("Task"):
        payload = state["Parameters"]["Payload"]
        allowed = {"application_id.$", "run.$", "token.$", "step", "cause", "cause.$"}
        assert set(payload) <= allowed, f"{machine}: {name}"
        waiting = state["Resource"].endswith(".waitForTaskToken")
        assert ("token.$" in payload) == waiting, f"{machine}: {name}"


def test_a_failure_means_a_clerk_and_names_a_page():
    for machine, name, state in every_state("Fail"):
        assert state["Error"], f"{machine}: {name}"
        pages = re.findall(r"docs/runbook/[\w-]+\.md", state["Cause"])
        assert pages, f"{machine}: {name}"
        assert all((ROOT / page).is_file() for page in pages), pages


def test_every_arrow_leads_somewhere_and_every_state_is_reached():
    for machine, definition in DEFINITIONS.items():
        for level in levels(dict(definition)):
            states = level["States"]
            reached = {level["StartAt"]}
            frontier = [level["StartAt"]]
            while frontier:
                for each in next_of(states[frontier.pop()]) - reached:
                    assert each in states, f"{machine}: nothing is called {each}"
                    reached.add(each)
                    frontier.append(each)
            assert set(states) == reached, (machine, set(states) - reached)


def test_every_machine_ends_by_itself():
    for machine, definition in DEFINITIONS.items():
        assert definition["TimeoutSeconds"] > 0, machine
        assert definition["Comment"], machine


@pytest.mark.parametrize("kind", ["Succeed", "Fail"])
def test_every_machine_has_ends_of_both_kinds(kind):
    for machine, definition in DEFINITIONS.items():
        assert kind in {state["Type"] for _, state in states_of(definition)}, machine
