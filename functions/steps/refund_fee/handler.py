"""Refund the fee: an order that nobody paid is closed, a paid one refunded in full."""

from chepai.edge.step import Task, step
from chepai.edge.waiting_room import WaitingRoom

room = WaitingRoom.from_env()


@step
def handler(task: Task) -> str | None:
    return room.wait(task)
