"""Hand to an officer: a ground of suspicion is looked into on site (R164 Art. 74)."""

from chepai.edge.step import Task, step
from chepai.edge.waiting_room import WaitingRoom

room = WaitingRoom.from_env()


@step
def handler(task: Task) -> str | None:
    return room.wait(task)
