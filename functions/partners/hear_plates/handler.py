"""Take in what plate maker and print room made, with the serials of the blanks."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import plate_maker
from chepai.records.applications import Applications
from chepai.records.facts import Appended, Facts

applications = Applications.from_env()
facts = Facts.from_env()


@webhook(
    "/hooks/plates/{partner}",
    kind="plates",
    messages=plate_maker.MESSAGES,
    summary="Plate maker and print room: made or failed, with serials",
)
def handler(heard: Heard) -> Appended:
    heard.must_have_been_given(applications)
    return heard.keep_in(facts)
