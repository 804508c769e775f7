"""List where a car is chosen and insured and its tax paid: others' pages, none recommended."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.informing import LinksOut, links
from chepai.records.cities import Cities

cities = Cities.from_env()


@route("GET", "/v1/links", summary="Pages of others, by purpose", answer=LinksOut, tag="inform")
def handler(call: Call[NoBody]) -> LinksOut:
    return links(cities.current())
