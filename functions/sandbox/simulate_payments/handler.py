"""Simulate the payment gateway."""

from chepai_sandbox.asked import Asked, simulates
from chepai_sandbox.payments import answer
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@simulates("payments", worlds)
def handler(asked: Asked) -> None:
    answer(asked)
