"""List my registered cars, each with its electronic licence and inspection mark."""

from chepai.edge import vehicles
from chepai.edge.api import Call, NoBody, route
from chepai.records.vehicles import Vehicles

register = Vehicles.from_env()


@route(
    "GET", "/v1/me/vehicles", summary="My vehicles with electronic licence and mark",
    answer=vehicles.Vehicles, tag="me",
)  # fmt: skip
def handler(call: Call[NoBody]) -> vehicles.Vehicles:
    mine = register.of_owner(call.caller.person_id)
    return vehicles.Vehicles(vehicles=[vehicles.vehicle(row) for row in mine])
