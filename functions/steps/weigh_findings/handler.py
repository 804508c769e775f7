"""Weigh the findings: judge all facts of a new car together, tell everything at once."""

from chepai.edge.step import Task, step
from chepai.edge.weighing import Weighing

weighing = Weighing.from_env()


@step
def handler(task: Task) -> str:
    return weighing.of_new_car(task)
