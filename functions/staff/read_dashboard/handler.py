"""Show the city's own figures: mission, errands, waiting, refusals, equal treatment."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, NoBody, route
from chepai.edge.figures import MONTHS_ASKED, Dashboard, ReadingFigures

figures = ReadingFigures.from_env()


@route(
    "GET", "/v1/staff/dashboard", summary="The city's own figures",
    answer=Dashboard, query=MONTHS_ASKED, errors=(FieldInvalid,),
)  # fmt: skip
def handler(call: Call[NoBody]) -> Dashboard:
    return figures.dashboard(call)
