"""Take in whether a text message arrived."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import message_gateway
from chepai.records.facts import Appended, Facts

facts = Facts.from_env()


@webhook(
    "/hooks/messages/{partner}",
    kind="messages",
    messages=message_gateway.MESSAGES,
    summary="Message gateway: accepted, delivered, failed",
)
def handler(heard: Heard) -> Appended:
    return heard.keep_in(facts)
