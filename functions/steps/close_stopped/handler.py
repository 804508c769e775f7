"""Close what was stopped: the car may be applied for again, the owner knows why and what now."""

from chepai.edge.step import Task, step
from chepai.edge.stopping import ClosingStopped

closing = ClosingStopped.from_env()


@step
def handler(task: Task) -> str:
    return closing.close(task)
