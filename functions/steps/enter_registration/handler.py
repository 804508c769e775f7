"""Enter the registration: number, car, certificates and case in one transaction."""

from chepai.edge.registering import Registering
from chepai.edge.step import Task, step

registering = Registering.from_env()


@step
def handler(task: Task) -> str:
    return registering.enter(task)
