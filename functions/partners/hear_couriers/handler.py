"""Take in where a parcel is."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import courier
from chepai.records.applications import Applications
from chepai.records.facts import Appended, Facts

applications = Applications.from_env()
facts = Facts.from_env()


@webhook(
    "/hooks/couriers/{partner}",
    kind="couriers",
    messages=courier.MESSAGES,
    summary="Courier: collected, on the way, delivered, returned, lost",
)
def handler(heard: Heard) -> Appended:
    heard.must_have_been_given(applications)
    return heard.keep_in(facts)
