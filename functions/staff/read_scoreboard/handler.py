"""Show how punctual each agency was, day by day."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.figures import DAYS, ReadingFigures, Scoreboard

figures = ReadingFigures.from_env()


@route(
    "GET", "/v1/staff/scoreboard", summary="How punctual each agency was",
    answer=Scoreboard, query=DAYS, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Scoreboard:
    return figures.scoreboard(call)
