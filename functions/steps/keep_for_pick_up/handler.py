"""Keep the parcel for pick-up: what could not be delivered waits at the counter."""

from chepai.domain.life_cycle import Status
from chepai.edge.casework import Casework, notify
from chepai.edge.step import Task, step
from chepai.edge.waiting_room import WaitingRoom

room = WaitingRoom.from_env()
casework = Casework(room.applications, room.cities)


@step
def handler(task: Task) -> str | None:
    before = casework.open(task)
    if before.status != Status.KEPT_FOR_PICK_UP:
        before = casework.move(before, Status.KEPT_FOR_PICK_UP, by=task.actor, act="kept")
    notify(room.questions, before, "kept_for_pick_up")
    return room.wait(task, before)
