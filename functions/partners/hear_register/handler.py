"""Take in the national register's answers and the segments it opens."""

from chepai.domain.facts import FactKind
from chepai.edge import segments
from chepai.edge.webhook import Heard, webhook
from chepai.partners import national_register
from chepai.records.cities import Cities
from chepai.records.facts import Appended, Facts
from chepai.records.numbers import Numbers

facts = Facts.from_env()
numbers = Numbers.from_env()
cities = Cities.from_env()


@webhook(
    "/hooks/register/{partner}",
    kind="register",
    messages=national_register.MESSAGES,
    summary="National register: registered, refused, replaced, cancelled; segments of numbers",
)
def handler(heard: Heard) -> Appended:
    kept = heard.keep_in(facts)
    if heard.told.kind is FactKind.SEGMENT and kept is not Appended.CONFLICT:
        segments.note(heard.told.says, numbers, cities.current)
    return kept
