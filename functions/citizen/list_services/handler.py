"""List the services that a citizen can do from the phone, with fee, time limit and conditions."""

from chepai.edge.api import Call, NoBody, route
from chepai.edge.informing import Services, services
from chepai.records.cities import Cities

cities = Cities.from_env()


@route(
    "GET", "/v1/services", summary="The services, before signing in", answer=Services, tag="inform"
)
def handler(call: Call[NoBody]) -> Services:
    return services(cities.current())
