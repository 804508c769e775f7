"""What a run's history tells, and what of it is never told."""

import json
from datetime import UTC, datetime, timedelta

from chepai.domain.run_history import Went, told, visits

BEGAN = datetime(2026, 11, 24, tzinfo=UTC)
TOKEN = "AQCoAAAAKgAAAAMAAAAA" * 4


class Told:
    """Writes a history event by event; each follows the one before unless told otherwise."""

    def __init__(self):
        self.events = []

    def add(self, kind, after=None, **details):
        number = len(self.events) + 1
        event = {
            "id": number,
            "previousEventId": number - 1 if after is None else after,
            "timestamp": BEGAN + timedelta(seconds=number),
            "type": kind,
        }
        self.events.append(event | details)
        return number

    def entered(self, name, after=None, **given):
        said = {"name": name, "input": json.dumps(given)}
        return self.add("TaskStateEntered", after, stateEnteredEventDetails=said)

    def scheduled(self):
        parameters = json.dumps({"FunctionName": "f", "Payload": {"token": TOKEN}})
        return self.add("TaskScheduled", taskScheduledEventDetails={"parameters": parameters})

    def failed(self, error="StepFailed"):
        said = {"error": error, "cause": "王小明 370200198803151234"}
        return self.add("TaskFailed", taskFailedEventDetails=said)

    def left(self, name, after=None, **made):
        said = {"name": name, "output": json.dumps(made)}
        return self.add("TaskStateExited", after, stateExitedEventDetails=said)


def test_a_state_is_passed_retried_late_failed_or_waits():
    run = Told()
    run.entered("A", after=0)
    run.scheduled()
    run.add("TaskSucceeded")
    run.left("A", last={"outcome": "verified"})
    run.entered("B")
    run.scheduled()
    run.failed("TryAgain")
    run.scheduled()
    run.add("TaskSucceeded")
    run.left("B")
    run.entered("C")
    run.scheduled()
    run.add("TaskTimedOut", taskTimedOutEventDetails={"error": "States.Timeout"})
    run.left("C")
    run.entered("D")
    run.scheduled()
    run.failed()
    run.left("D", error={"Error": "StepFailed", "Cause": "secret"})
    run.entered("E")
    run.scheduled()
    found = visits(run.events, "RUNNING")
    assert [(each.state, each.went.value, each.tries) for each in found] == [
        ("A", "passed", 1), ("B", "retried", 2), ("C", "late", 1), ("D", "failed", 1),
        ("E", "waiting", 1),
    ]  # fmt: skip
    assert found[0].made == {"last": "verified"}
    assert (found[3].error, found[3].made) == ("StepFailed", {"error": "StepFailed"})
    assert visits(run.events, "ABORTED")[-1].went is Went.STOPPED


def test_branches_side_by_side_are_told_apart():
    run = Told()
    verify = run.entered("Verify", after=0)
    begun = run.add("ParallelStateStarted")
    one, other = run.entered("One", after=begun), run.entered("Other", after=begun)
    called = run.add("TaskScheduled", after=one)
    run.add("TaskScheduled", after=other)
    run.add("TaskFailed", after=called, taskFailedEventDetails={"error": "TryAgain"})
    found = visits(run.events, "RUNNING")
    assert verify == 1
    assert [(each.state, each.went.value) for each in found] == [
        ("Verify", "waiting"), ("One", "failed"), ("Other", "waiting"),
    ]  # fmt: skip


def test_a_history_whose_beginning_is_missing_is_told_from_where_it_begins():
    run = Told()
    run.add("TaskSucceeded", after=990)
    run.left("A", after=991)
    run.entered("B")
    assert [each.state for each in visits(run.events, "RUNNING")] == ["B"]


def test_nothing_but_identifiers_and_words_is_taken_out_of_a_history():
    carried = {
        "application_id": "app_" + "0" * 26,
        "run": 2,
        "token": TOKEN,
        "taken": {"outcome": "verify", "patience": {"wait_for_owner": 60}},
        "last": {"outcome": "王小明 owns it"},
        "error": {"Error": "StepFailed", "Cause": "王小明"},
        "name": "王小明",
        "phone": "13800138000",
    }
    assert told(json.dumps(carried)) == {
        "application_id": "app_" + "0" * 26,
        "run": 2,
        "stands": "verify",
        "error": "StepFailed",
    }
    assert told(json.dumps({"outcome": "13800138000"})) == {}
    assert told("[1]") == told("{") == told(None) == {}


def test_neither_tokens_nor_causes_are_told():
    run = Told()
    run.entered("A", after=0, application_id="app_" + "0" * 26, token=TOKEN)
    run.scheduled()
    run.failed("an error of 王小明")
    run.left("A", error={"Error": "王小明", "Cause": TOKEN})
    text = repr(visits(run.events, "RUNNING"))
    assert TOKEN not in text
    assert "王小明" not in text
    assert "3702" not in text
