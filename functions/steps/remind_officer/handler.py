"""Remind the officer that an owner waits for the outcome of an investigation."""

from chepai.edge.reminding import Reminding
from chepai.edge.step import Outcome, Task, step

reminding = Reminding.from_env()


@step
def handler(task: Task) -> Outcome:
    return reminding.of("wait_for_officer", task)
