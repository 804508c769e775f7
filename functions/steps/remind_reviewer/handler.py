"""Remind the reviewer that the legal clock runs."""

from chepai.edge.reminding import Reminding
from chepai.edge.step import Outcome, Task, step

reminding = Reminding.from_env()


@step
def handler(task: Task) -> Outcome:
    return reminding.of("review_application", task)
