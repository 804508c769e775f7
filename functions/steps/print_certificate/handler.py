"""Print the certificate; what failed or was lost is printed again."""

from chepai.edge.producing import Producing
from chepai.edge.step import Task, step

producing = Producing.from_env()


@step
def handler(task: Task) -> str | None:
    return producing.make(task)
