"""Check the facts again: does all that was verified still hold on the day of registration?"""

from chepai.edge.step import Task, step
from chepai.edge.waiting_room import WaitingRoom

room = WaitingRoom.from_env()


@step
def handler(task: Task) -> str | None:
    return room.wait(task)
