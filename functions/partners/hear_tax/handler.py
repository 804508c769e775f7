"""Take in what the tax office says: invoices, purchase tax, vehicle and vessel tax."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import tax
from chepai.records.facts import Appended, Facts

facts = Facts.from_env()


@webhook(
    "/hooks/tax/{partner}",
    kind="tax",
    messages=tax.MESSAGES,
    summary="Tax office: invoices, purchase tax, vehicle and vessel tax",
)
def handler(heard: Heard) -> Appended:
    return heard.keep_in(facts)
