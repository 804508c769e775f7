"""Take in what manufacturers say of their own cars: certificates and pre-inspections."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import manufacturer
from chepai.records.cities import Cities
from chepai.records.facts import Appended, Facts

cities, facts = Cities.from_env(), Facts.from_env()


@webhook(
    "/hooks/manufacturers/{partner}",
    kind="manufacturers",
    messages=manufacturer.MESSAGES,
    summary="Manufacturers: conformity certificates and pre-inspections of their own cars",
)
def handler(heard: Heard) -> Appended:
    heard.must_be_maker_of_the_car(cities.current())
    return heard.keep_in(facts)
