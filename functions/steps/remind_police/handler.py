"""Remind the police: without the status of the car nothing can be registered."""

from chepai.edge.reminding import Reminding
from chepai.edge.step import Outcome, Task, step

reminding = Reminding.from_env()


@step
def handler(task: Task) -> Outcome:
    return reminding.of("recheck_facts", task)
