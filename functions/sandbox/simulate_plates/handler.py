"""Simulate plate maker and print room."""

from chepai_sandbox.asked import Asked, simulates
from chepai_sandbox.making_and_sending import make_or_print
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@simulates("plates", worlds)
def handler(asked: Asked) -> None:
    make_or_print(asked)
