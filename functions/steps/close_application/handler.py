"""Close the application: tell insurer and tax office the number, ask the owner for a rating."""

from chepai.domain.life_cycle import Status
from chepai.edge.casework import Casework, notify
from chepai.edge.closing import plate_assigned
from chepai.edge.questions import Questions
from chepai.edge.step import Task, step

casework = Casework.from_env()
questions = Questions.from_env()


@step
def handler(task: Task) -> str:
    before = casework.open(task)
    if before.status != Status.CLOSED:
        before = casework.move(before, Status.CLOSED, by=task.actor, act="closed", close=True)
    questions.ask(*plate_assigned(before))
    notify(questions, before, "closed")
    return "delivered"
