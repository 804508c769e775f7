"""Simulate the courier."""

from chepai_sandbox.asked import Asked, simulates
from chepai_sandbox.making_and_sending import send_parcel
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@simulates("couriers", worlds)
def handler(asked: Asked) -> None:
    send_parcel(asked)
