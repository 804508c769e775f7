"""Take in what became of payments and refunds."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import payment_gateway
from chepai.records.facts import Appended, Facts

facts = Facts.from_env()


@webhook(
    "/hooks/payments/{partner}",
    kind="payments",
    messages=payment_gateway.MESSAGES,
    summary="Payment gateway: paid, declined, refunded",
)
def handler(heard: Heard) -> Appended:
    return heard.keep_in(facts)
