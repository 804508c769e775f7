"""Simulate the police: answer from what is known of the car."""

from chepai_sandbox.asked import Asked, answer_from_record, simulates
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@simulates("police", worlds)
def handler(asked: Asked) -> None:
    answer_from_record(asked)
