"""Make the plates and papers; what failed or was lost is made again with the same number."""

from chepai.edge.producing import Producing
from chepai.edge.step import Task, step

producing = Producing.from_env()


@step
def handler(task: Task) -> str | None:
    return producing.make(task)
