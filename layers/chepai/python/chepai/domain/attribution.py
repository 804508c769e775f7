"""Who is responsible for what was wrong (责任追溯): one party for each mismatch, mishap and fact.

The grounds say already who answers for a value and who has to move next. Whoever has to move
wrote it wrong, except where the word is an act of the agency's own: a pre-inspection, a decision,
a delivery. A suspicion makes no one guilty: it names nobody until an officer has confirmed it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from chepai.domain.facts import AGENCIES, Agency, FactKind
from chepai.domain.findings import Consequence, Ground, Outcome

APPLICANT: Final = "applicant"
OFFICER: Final = "officer"
"""The member of staff who reviewed, inspected or investigated."""
OPERATOR: Final = "operator"
"""Who runs this system: for its faults, and for what nobody looked after."""
PARTIES = frozenset(
    {str(each) for each in Agency} - {Agency.OWNER, Agency.OFFICE} | {APPLICANT, OFFICER, OPERATOR}
)

_BY_PEOPLE = frozenset({FactKind.REVIEW, FactKind.INSPECTION, FactKind.OFFICER})
_OWN_ACTS = frozenset(
    {
        FactKind.PRE_INSPECTION,
        FactKind.DELIVERY,
        FactKind.INSPECTION,
        FactKind.REVIEW,
        FactKind.REGISTER,
    }
)
# What the grounds have no word for: who let a time run out, and who looks after what is stuck.
_OTHERWISE: Mapping[str, str] = {
    "A07-EXPIRED": APPLICANT,
    "A08-SOURCE-EXPIRED": OPERATOR,
    "A09-STUCK": OPERATOR,
}


def responsible_for(ground: Ground) -> str | None:
    """The party whom a ground names; None for what matched and for an open suspicion."""
    if ground.outcome is Outcome.MATCHED:
        return None
    return _named(ground.code, ground.agency, ground.who_acts, ground.consequence)


def of_cards(cards: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The party for each reason card of a case, by the card's code."""
    named = {
        card["code"]: _named(
            card["code"],
            Agency(card["agency"]),
            Agency(card["who_must_act"]),
            Consequence(card["consequence"]),
        )
        for card in cards
    }
    return {code: party for code, party in named.items() if party}


def of_fact(kind: FactKind) -> str:
    """The party that answers for facts of a kind."""
    return _party(kind, AGENCIES[kind].agency)


def _named(code: str, agency: Agency, who_acts: Agency, consequence: Consequence) -> str | None:
    if consequence is Consequence.SUSPICIOUS:
        return None
    if code in _OTHERWISE:
        return _OTHERWISE[code]
    kind = FactKind(code.partition("-")[0])
    return _party(kind, agency if kind in _OWN_ACTS else who_acts)


def _party(kind: FactKind, agency: Agency) -> str:
    if agency is Agency.OWNER:
        return APPLICANT
    if agency is Agency.OFFICE:
        return OFFICER if kind in _BY_PEOPLE else OPERATOR
    return str(agency)
