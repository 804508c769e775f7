"""Take in what insurers say of their own policies."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import insurer
from chepai.records.facts import Appended, Facts

facts = Facts.from_env()


@webhook(
    "/hooks/insurers/{partner}",
    kind="insurers",
    messages=insurer.MESSAGES,
    summary="Insurers: compulsory policies bound, in force, cancelled",
)
def handler(heard: Heard) -> Appended:
    heard.must_not_undo_anothers_word(facts)
    return heard.keep_in(facts)
