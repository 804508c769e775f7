"""Check whether a car can be registered from the phone, by the very rules of the decision."""

from chepai.domain.refusals import FieldInvalid
from chepai.edge.api import Call, route
from chepai.edge.clock import today
from chepai.edge.eligibility import Assessed, Car, assess
from chepai.records.cities import Cities

cities = Cities.from_env()


@route(
    "POST", "/v1/eligibility-checks", summary="Can this car be registered from the phone?",
    body=Car, answer=Assessed, errors=(FieldInvalid,), tag="inform",
)  # fmt: skip
def handler(call: Call[Car]) -> Assessed:
    return assess(call.body, cities.current(), today())
