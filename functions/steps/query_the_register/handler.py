"""Query the national register by our key: no answer is no refusal, and nothing is asked twice."""

from chepai.edge.reminding import Reminding
from chepai.edge.step import Outcome, Task, step

reminding = Reminding.from_env()


@step
def handler(task: Task) -> Outcome:
    return reminding.of("ask_the_register", task)
