"""Take in the national register's answers and the segments it opens."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import national_register
from chepai.records.facts import Appended, Facts

facts = Facts.from_env()


@webhook(
    "/hooks/register/{partner}",
    kind="register",
    messages=national_register.MESSAGES,
    summary="National register: registered, refused, replaced, cancelled; segments of numbers",
)
def handler(heard: Heard) -> Appended:
    return heard.keep_in(facts)
