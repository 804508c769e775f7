"""Show everybody how punctual the agencies are and how long people wait."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.figures import CityFigures, ReadingFigures

figures = ReadingFigures.from_env()


@route(
    "GET", "/v1/city/figures", summary="Punctuality of the agencies and waiting times",
    answer=CityFigures, tag="inform",
)  # fmt: skip
def handler(call: Call[NoBody]) -> CityFigures:
    return figures.public()
