"""Show one service: conditions, materials (none), fee item by item, time limit and its basis."""

from chepai.domain.refusals import RouteUnknown
from chepai.edge.api import Call, NoBody, route
from chepai.edge.informing import Offered, offered
from chepai.records.cities import Cities

cities = Cities.from_env()


@route(
    "GET", "/v1/services/{service}", summary="One service, before signing in",
    answer=Offered, errors=(RouteUnknown,), tag="inform",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Offered:
    return offered(call.path["service"], cities.current())
