"""Remind the owner that the parcel waits at the counter."""

from chepai.edge.reminding import Reminding
from chepai.edge.step import Outcome, Task, step

reminding = Reminding.from_env()


@step
def handler(task: Task) -> Outcome:
    return reminding.of("keep_for_pick_up", task)
