"""Send the parcel: to the owner in person, with proof of who took it."""

from chepai.domain.life_cycle import Status
from chepai.edge.casework import Casework, notify
from chepai.edge.step import Task, step
from chepai.edge.waiting_room import WaitingRoom

room = WaitingRoom.from_env()
casework = Casework(room.applications, room.cities)


@step
def handler(task: Task) -> str | None:
    before = casework.open(task)
    if before.status != Status.DISPATCHED:
        before = casework.move(before, Status.DISPATCHED, by=task.actor, act="dispatched")
    notify(room.questions, before, "dispatched")
    return room.wait(task, before)
