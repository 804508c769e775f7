"""Simulate lenders: mortgages from the record, co-signatures by the script."""

from chepai_sandbox.asked import Asked, simulates
from chepai_sandbox.making_and_sending import lend
from chepai_sandbox.worlds import Worlds

worlds = Worlds.from_env()


@simulates("lenders", worlds)
def handler(asked: Asked) -> None:
    lend(asked)
