"""Replace the certificate at the national register, with the application's own key."""

from chepai.domain.life_cycle import Status
from chepai.edge.casework import Casework
from chepai.edge.step import Task, step
from chepai.edge.waiting_room import WaitingRoom

room = WaitingRoom.from_env()
casework = Casework(room.applications, room.cities)


@step
def handler(task: Task) -> str | None:
    before = casework.open(task)
    if before.status != Status.REGISTERING:
        before = casework.move(before, Status.REGISTERING, by=task.actor, act="register_asked")
    return room.wait(task, before)
