"""Give the receipt of filing, acceptance or refusal, with the right of review."""

from chepai.domain.refusals import ApplicationUnknown
from chepai.edge.acting import read_own
from chepai.edge.api import Call, NoBody, route
from chepai.edge.receipts import Receipt, receipt
from chepai.records.applications import Applications
from chepai.records.cities import Cities

applications = Applications.from_env()
cities = Cities.from_env()


@route(
    "GET", "/v1/applications/{application_id}/receipt", summary="Receipt",
    answer=Receipt, errors=(ApplicationUnknown,), tag="follow",
)  # fmt: skip
def handler(call: Call[NoBody]) -> Receipt:
    own = read_own(call, applications)
    return receipt(own, cities.profile(own.profile_version))
