"""Accept the application (受理): the fee is captured, the number kept, the legal clock runs."""

from chepai.edge.accepting import Accepting
from chepai.edge.step import Task, step

accepting = Accepting.from_env()


@step
def handler(task: Task) -> str:
    return accepting.accept(task)
