"""List the segments that numbers are dealt from, with what anyone needs to check the deals."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.fairness import Segments, published
from chepai.records.numbers import Numbers

numbers = Numbers.from_env()


@route(
    "GET", "/v1/number-segments", summary="Segments of numbers and their commitments",
    answer=Segments, tag="inform",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Segments:
    return published(numbers)
