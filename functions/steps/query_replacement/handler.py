"""Query the national register about a replacement by our key, never ask blindly again."""

from chepai.edge.reminding import Reminding
from chepai.edge.step import Outcome, Task, step

reminding = Reminding.from_env()


@step
def handler(task: Task) -> Outcome:
    return reminding.of("replace_at_the_register", task)
