"""Take in where a parcel is."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import courier
from chepai.records.facts import Appended, Facts

facts = Facts.from_env()


@webhook(
    "/hooks/couriers/{partner}",
    kind="couriers",
    messages=courier.MESSAGES,
    summary="Courier: collected, on the way, delivered, returned, lost",
)
def handler(heard: Heard) -> Appended:
    return heard.keep_in(facts)
