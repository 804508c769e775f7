"""List what was tried too often and given up: each queue, since when, and whose cases."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.dead_letters import DeadLetterQueues, DeadLetters

letters = DeadLetters.from_env()


@route(
    "GET", "/v1/staff/dead-letters", summary="What was given up, and the cases it is about",
    answer=DeadLetterQueues,
)  # fmt: skip
def handler(call: Call[NoBody]) -> DeadLetterQueues:
    return letters.shown(call)
