"""Reissue of a certificate: in person, with the lender, not too often, not after a fresh change."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from chepai.domain import reissue
from chepai.domain.facts import Fact, FactKind
from chepai.domain.findings import Consequence
from chepai.domain.refusals import AgentNotAllowed
from chepai.domain.suspicion import REPORTED, History, Suspicion, fresh_contacts, suspicions
from chepai.domain.verification import REQUIRED, Weighing
from chepai.domain.waiting import WAITING, Broken, Look, Settled
from tests.unit.domain.cases import NOW, codes, fact, judge, profile, reissue_case

TODAY = date(2026, 6, 10)


def _weighed(history: History, **identity: str) -> Weighing:
    case = reissue_case(identity=fact(FactKind.IDENTITY, **identity))
    found = [judge(kind, of=case) for kind in REQUIRED[reissue.SERVICE]]
    return reissue.weigh(found, case, profile(), NOW, history=history)


def test_only_the_lender_that_has_the_mortgage_is_heard_on_it():
    def said(version: int, lender: str, result: str) -> Fact:
        return replace(
            fact(FactKind.COSIGNATURE, lender=lender, result=result),
            version=version,
            occurred_at=NOW + timedelta(seconds=version),
        )

    def verdict(*words: Fact):
        mortgage = fact(FactKind.MORTGAGE, active=True, lender="bank")
        facts = {FactKind.MORTGAGE: [mortgage], FactKind.COSIGNATURE: words}
        case = cast(Look, SimpleNamespace(application=None, facts=facts))
        return WAITING["wait_for_cosignature"].verdict(case)

    another = said(2, "another", "REFUSED")
    assert verdict() is None
    assert verdict(another) is None
    assert verdict(said(1, "another", "SIGNED")) is None
    assert verdict(said(1, "bank", "SIGNED"), another) == Settled("signed")
    assert verdict(said(1, "bank", "REFUSED"), said(3, "another", "SIGNED")) == Broken("Refused")


def test_a_quiet_history_is_verified():
    assert _weighed(History()).outcome == "verified"


@pytest.mark.parametrize(
    ("history", "outcome", "code"),
    [
        (
            History(reissued_on=(date(2025, 9, 1), date(2026, 1, 1))),
            "suspicious",
            "A09-ON-SITE",
        ),
        (History(reissued_on=(date(2025, 6, 9), date(2026, 1, 1))), "verified", None),
        (History(reissued_on=(date(2026, 1, 1),)), "verified", None),
        (History(transferred_on=(TODAY,) * 3), "suspicious", "A09-ON-SITE"),
        (History(moved_on=(TODAY,) * 3), "suspicious", "A09-ON-SITE"),
        (History(device_principals=6), "suspicious", "A09-ON-SITE"),
        (History(device_principals=5), "verified", None),
        (History(phone_changed_on=date(2026, 5, 12)), "on_site", "A09-FRESH-PHONE"),
        (History(phone_changed_on=date(2026, 5, 11)), "verified", None),
        (History(address_changed_on=TODAY), "on_site", "A09-FRESH-ADDRESS"),
    ],
)
def test_what_the_history_leads_to(history, outcome, code):
    result = _weighed(history)
    assert result.outcome == outcome
    assert codes(result) == ((code,) if code else ())


@pytest.mark.parametrize("item", Suspicion)
def test_each_of_the_six_reports_makes_a_case_suspicious(item):
    history = History(reports=frozenset({item}))
    (found,) = suspicions(history, today=TODAY, profile=profile())
    assert REPORTED[item].consequence is Consequence.SUSPICIOUS
    assert REPORTED[item].rule == f"R164-74-{int(item)}"
    assert found.code == REPORTED[item].code
    assert _weighed(history).outcome == "suspicious"


def test_both_fresh_changes_are_told_at_once():
    history = History(phone_changed_on=TODAY, address_changed_on=TODAY)
    assert len(fresh_contacts(history, today=TODAY, profile=profile())) == 2


def test_whoever_was_seen_at_a_counter_has_no_fresh_change_to_explain():
    history = History(phone_changed_on=TODAY)
    assert _weighed(history, method="COUNTER").outcome == "verified"


def test_an_agent_cannot_file():
    with pytest.raises(AgentNotAllowed):
        reissue.may_file(agent=True, profile=profile())
    reissue.may_file(agent=False, profile=profile())
