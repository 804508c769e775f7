"""Show the city's own values, what each rests on, and which are still to be confirmed."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.informing import CityPage, city_page
from chepai.records.cities import Cities

cities = Cities.from_env()


@route("GET", "/v1/city", summary="The city's own values", answer=CityPage, tag="inform")
def handler(call: Call[NoBody]) -> CityPage:
    return city_page(cities.current())
