"""Check the status of the car: is it stolen, sealed or suspect?"""

from chepai.edge.step import Task, step
from chepai.edge.waiting_room import WaitingRoom

room = WaitingRoom.from_env()


@step
def handler(task: Task) -> str | None:
    return room.wait(task)
