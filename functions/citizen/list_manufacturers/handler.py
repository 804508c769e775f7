"""List the makers: whose cars need no inspection here, and from when."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.clock import today
from chepai.edge.informing import Makers, makers
from chepai.records.cities import Cities

cities = Cities.from_env()


@route("GET", "/v1/manufacturers", summary="Makers and since when", answer=Makers, tag="inform")
def handler(call: Call[NoBody]) -> Makers:
    return makers(cities.current(), today())
