"""Remind the print room of an order that is overdue."""

from chepai.edge.reminding import Reminding
from chepai.edge.step import Outcome, Task, step

reminding = Reminding.from_env()


@step
def handler(task: Task) -> Outcome:
    return reminding.of("print_certificate", task)
