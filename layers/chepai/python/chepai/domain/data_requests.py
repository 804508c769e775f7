"""What a person asks about their own data, and how it is answered (PIPL Arts 44-50).

Words only: nothing a person writes freely is kept outside the vault, so questions, grounds and
answers are codes with texts in the catalogue.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What is asked."""

    ACCESS_QUESTION = "access_question"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    RELATIVE = "relative"
    QUESTION = "question"


class Topic(StrEnum):
    """What a question about one's own data is about, where no single access is meant."""

    WHAT_IS_KEPT = "WHAT_IS_KEPT"
    HOW_LONG = "HOW_LONG"
    WHO_RECEIVES = "WHO_RECEIVES"
    AUTOMATED_DECISION = "AUTOMATED_DECISION"
    CORRECTION = "CORRECTION"
    OTHER = "OTHER"


class State(StrEnum):
    """Where a request stands: open ones have a day by which they are answered."""

    OPEN = "open"
    ANSWERED = "answered"
    APPEALED = "appealed"
    CLOSED = "closed"


class Doubt(StrEnum):
    """Why somebody questions an access."""

    NOT_MY_CASE = "NOT_MY_CASE"
    NOT_NEEDED = "NOT_NEEDED"
    TOO_OFTEN = "TOO_OFTEN"
    UNKNOWN_RECEIVER = "UNKNOWN_RECEIVER"
    OTHER = "OTHER"


class Outcome(StrEnum):
    """What the office answers."""

    JUSTIFIED = "JUSTIFIED"
    NOT_JUSTIFIED = "NOT_JUSTIFIED"
    UNDER_INQUIRY = "UNDER_INQUIRY"
    DONE = "DONE"
    PARTLY_DONE = "PARTLY_DONE"
    REFUSED = "REFUSED"
    UPHELD = "UPHELD"
    GRANTED = "GRANTED"
    EXPLAINED = "EXPLAINED"


ANSWERS: dict[Kind, frozenset[Outcome]] = {
    Kind.ACCESS_QUESTION: frozenset(
        {Outcome.JUSTIFIED, Outcome.NOT_JUSTIFIED, Outcome.UNDER_INQUIRY}
    ),
    Kind.RELATIVE: frozenset({Outcome.GRANTED, Outcome.REFUSED}),
    Kind.QUESTION: frozenset({Outcome.EXPLAINED, Outcome.UNDER_INQUIRY, Outcome.REFUSED}),
}
"""What may be answered to a question that a person of the office decides."""
ERASED_WHEN_GRANTED = frozenset({Kind.ERASURE, Kind.RESTRICTION, Kind.RELATIVE})
"""What is granted of these is done to the record; a question that is granted changes nothing."""
APPEAL_ANSWERS = frozenset({Outcome.UPHELD, Outcome.GRANTED})
"""An appeal is decided once more by somebody else: the answer stands, or the wish is granted."""


class Relation(StrEnum):
    """Who may exercise the rights of somebody who died (PIPL Art. 49; Civil Code Art. 1045)."""

    SPOUSE = "SPOUSE"
    CHILD = "CHILD"
    PARENT = "PARENT"
    SIBLING = "SIBLING"
    GRANDPARENT = "GRANDPARENT"
    GRANDCHILD = "GRANDCHILD"


def may_appeal(state: str, outcome: str) -> bool:
    """Whether an answer can still be appealed: it says no, at least in part, and none was made."""
    refused = {Outcome.JUSTIFIED, Outcome.REFUSED, Outcome.PARTLY_DONE}
    return state == State.ANSWERED and outcome in refused


def answers_to(kind: str, state: str) -> frozenset[Outcome]:
    """The answers that fit a request as it stands; none when nothing is to be answered."""
    if state == State.APPEALED:
        return APPEAL_ANSWERS
    return ANSWERS.get(Kind(kind), frozenset()) if state == State.OPEN else frozenset()
