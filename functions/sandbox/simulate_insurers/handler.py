"""Simulate insurers and their platform: answer from what is known of the car."""

from chepai_sandbox.asked import Asked, answer_from_record, simulates
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@simulates("insurers", worlds)
def handler(asked: Asked) -> None:
    answer_from_record(asked)
