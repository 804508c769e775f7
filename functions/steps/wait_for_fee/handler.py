"""Wait for the fee: has the treasury's gateway captured it?"""

from chepai.edge.step import Task, step
from chepai.edge.waiting_room import WaitingRoom

room = WaitingRoom.from_env()


@step
def handler(task: Task) -> str | None:
    return room.wait(task)
