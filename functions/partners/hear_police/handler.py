"""Take in what the police say: who a person is, and the status flags of vehicles."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import police
from chepai.records.facts import Appended, Facts
from chepai.records.people import People

facts, people = Facts.from_env(), People.from_env()


@webhook(
    "/hooks/police/{partner}",
    kind="police",
    messages=police.MESSAGES,
    summary="Police: identity results, status flags of vehicles",
)
def handler(heard: Heard) -> Appended:
    return heard.keep_in(facts, people)
