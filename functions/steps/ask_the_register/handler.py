"""Ask the national register to register the vehicle, with the application's own key."""

from chepai.edge.fail_stop import AskingTheRegister
from chepai.edge.step import Task, step

asking = AskingTheRegister.from_env()


@step
def handler(task: Task) -> str | None:
    return asking.ask(task)
