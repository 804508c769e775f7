"""Trace the parcel: it should have arrived by now."""

from chepai.edge.reminding import Reminding
from chepai.edge.step import Task, step

reminding = Reminding.from_env()


@step
def handler(task: Task) -> str:
    return reminding.of("send_parcel", task)
