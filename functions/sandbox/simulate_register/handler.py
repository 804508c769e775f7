"""Simulate the national register."""

from chepai_sandbox.asked import Asked, simulates
from chepai_sandbox.registering import answer
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@simulates("register", worlds)
def handler(asked: Asked) -> None:
    answer(asked)
