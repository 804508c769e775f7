"""Put the case on a clerk's desk: the machine cannot go on by itself."""

from chepai.domain.life_cycle import Status
from chepai.edge.casework import Casework
from chepai.edge.step import Task, step
from chepai.edge.stopping import error_in

casework = Casework.from_env()


@step
def handler(task: Task) -> str:
    before = casework.applications.read(task.application_id)
    casework.move(
        before,
        Status(before.status),
        by=task.actor,
        act="handed_to_clerk",
        stuck=True,
        stuck_because=error_in(task.cause) or "Unforeseen",
    )
    return "on_a_desk"
