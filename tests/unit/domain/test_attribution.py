"""Every mismatch, mishap and fact names one responsible party, and a suspicion names nobody."""

import pytest

from chepai.domain import mishaps
from chepai.domain.attribution import PARTIES, of_cards, of_fact, responsible_for
from chepai.domain.facts import FactKind
from chepai.domain.findings import Consequence, Outcome
from chepai.domain.verification import GROUNDS

THE_LAW = {
    "F03-VIN": "maker",
    "F04-PARAMETER": "maker",
    "F05-FAILED": "maker",
    "F05-VIN": "maker",
    "F06-BUYER": "dealer",
    "F07-AMOUNT": "tax",
    "F08-INSURED": "insurer",
    "F01-MISMATCH": "applicant",
    "A08-USE": "applicant",
    "A08-REASON": "applicant",
    "A03-REFUSED": "officer",
    "A07-RECORDING": "officer",
    "A05-FAILED": "plate_maker",
    "A06-FAILED": "print_room",
    "F20-LOST": "courier",
    "A09-STUCK": "operator",
    "A08-SOURCE-EXPIRED": "operator",
}
"""The table of responsibility, by an example of each row."""


@pytest.mark.parametrize(("code", "party"), THE_LAW.items())
def test_the_table_of_responsibility(code: str, party: str) -> None:
    assert responsible_for(GROUNDS[code]) == party


def test_every_ground_names_a_party_or_accuses_nobody() -> None:
    for code, ground in {**GROUNDS, **mishaps.GROUNDS}.items():
        party = responsible_for(ground)
        innocent = ground.outcome is Outcome.MATCHED
        open_suspicion = ground.consequence is Consequence.SUSPICIOUS
        assert (party is None) == (innocent or open_suspicion), code
        assert party is None or party in PARTIES, code


@pytest.mark.parametrize("kind", FactKind)
def test_every_fact_has_somebody_who_answers_for_it(kind: FactKind) -> None:
    assert of_fact(kind) in PARTIES


def test_the_cards_of_a_case_name_the_same_parties() -> None:
    for code, ground in GROUNDS.items():
        card = {
            "code": code,
            "agency": str(ground.agency),
            "who_must_act": str(ground.who_acts),
            "consequence": str(ground.consequence),
        }
        if ground.outcome is not Outcome.MATCHED:
            party = responsible_for(ground)
            assert of_cards([card]) == ({code: party} if party else {})
