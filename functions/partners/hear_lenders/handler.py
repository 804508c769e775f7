"""Take in what lenders say: mortgages, and their consent to an owner's act."""

from chepai.edge.webhook import Heard, webhook
from chepai.partners import lender
from chepai.records.facts import Appended, Facts

facts = Facts.from_env()


@webhook(
    "/hooks/lenders/{partner}",
    kind="lenders",
    messages=lender.MESSAGES,
    summary="Lenders: state of a mortgage, co-signature",
)
def handler(heard: Heard) -> Appended:
    heard.must_not_undo_anothers_word(facts)
    return heard.keep_in(facts)
