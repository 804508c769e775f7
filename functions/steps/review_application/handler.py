"""Review the application: at once by the rules, by a reviewer when it is sampled or flagged."""

from chepai.edge.reviewing import Reviewing
from chepai.edge.step import Task, step

reviewing = Reviewing.from_env()


@step
def handler(task: Task) -> str | None:
    return reviewing.review(task)
