"""Stop the application: write why it ends, cancel what was asked, tell the owner."""

from chepai.edge.step import Task, step
from chepai.edge.stopping import Stopping

stopping = Stopping.from_env()


@step
def handler(task: Task) -> str:
    return stopping.stop(task)
