"""Simulate the suppliers of text messages."""

from chepai_sandbox.asked import Asked, simulates
from chepai_sandbox.making_and_sending import send_sms
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@simulates("messages", worlds)
def handler(asked: Asked) -> None:
    send_sms(asked)
