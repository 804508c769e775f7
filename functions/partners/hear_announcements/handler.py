"""Take in what the industry ministry announces about vehicle models."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import announcement
from chepai.records.facts import Appended, Facts

facts = Facts.from_env()


@webhook(
    "/hooks/announcements/{partner}",
    kind="announcements",
    messages=announcement.MESSAGES,
    summary="Product announcement: a model is listed or revoked",
)
def handler(heard: Heard) -> Appended:
    return heard.keep_in(facts)
