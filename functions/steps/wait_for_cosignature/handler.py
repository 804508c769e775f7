"""Wait for the lender to co-sign: it agrees to a mortgaged car's reissue (R164 Art. 32)."""

from chepai.edge.step import Task, step
from chepai.edge.waiting_room import WaitingRoom

room = WaitingRoom.from_env()


@step
def handler(task: Task) -> str | None:
    return room.wait(task)
