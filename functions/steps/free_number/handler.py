"""Free the number: others may choose it again, and its owner may hold another."""

from chepai.edge.step import Task, step
from chepai.edge.stopping import Freeing

freeing = Freeing.from_env()


@step
def handler(task: Task) -> str:
    return freeing.free(task)
