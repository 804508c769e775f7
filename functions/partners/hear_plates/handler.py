"""Take in what plate maker and print room made, with the serials of the blanks."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import plate_maker
from chepai.records.facts import Appended, Facts

facts = Facts.from_env()


@webhook(
    "/hooks/plates/{partner}",
    kind="plates",
    messages=plate_maker.MESSAGES,
    summary="Plate maker and print room: made or failed, with serials",
)
def handler(heard: Heard) -> Appended:
    return heard.keep_in(facts)
