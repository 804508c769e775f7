"""Weigh the findings of a reissue: the facts together with what our records know of the past."""

from chepai.edge.reissuing import Reissuing
from chepai.edge.step import Task, step

reissuing = Reissuing.from_env()


@step
def handler(task: Task) -> str:
    return reissuing.weigh(task)
