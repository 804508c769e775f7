"""All findings together: the gravest word wins, and everything wrong is told at once."""

from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain.facts import Fact, FactKind
from chepai.domain.findings import GRAVITY, Consequence, Finding, Outcome
from chepai.domain.verification import (
    GROUNDS,
    JUDGES,
    RECHECKED_AT_REGISTRATION,
    REQUIRED,
    judge_at_last,
    lets_go_on,
    silent,
    weigh,
)
from tests.unit.domain.cases import (
    LENDER,
    NOW,
    OTHER_VIN,
    case,
    codes,
    fact,
    judge,
    profile,
    reissue_case,
    weighed,
)

K = FactKind
_CASES = {"new_car": case(), "certificate_reissue": reissue_case()}


@pytest.mark.parametrize("service", REQUIRED)
def test_all_in_order_is_verified_without_a_reason(service):
    result = weighed(of=_CASES[service])
    assert (result.outcome, result.reasons) == ("verified", ())


@pytest.mark.parametrize("service", REQUIRED)
def test_nothing_is_verified_by_being_forgotten(service):
    result = weigh([], _CASES[service], profile(), NOW)
    assert result.outcome == "awaiting_source"
    assert {each.kind for each in result.findings} == set(REQUIRED[service])


@pytest.mark.parametrize("kind", REQUIRED["new_car"])
def test_one_missing_fact_holds_the_case(kind):
    found = [judge(each) for each in REQUIRED["new_car"] if each is not kind]
    assert weigh(found, case(), profile(), NOW).outcome != "verified"


@pytest.mark.parametrize("kind", REQUIRED["new_car"])
def test_a_source_that_cannot_answer_is_waited_for(kind):
    result = weighed(fact(kind, status="UNAVAILABLE"))
    assert result.outcome == "awaiting_source"
    assert codes(result) == (f"{kind}-UNAVAILABLE",)


def test_stolen_is_refused_and_suspect_goes_to_an_officer():
    assert weighed(fact(K.VEHICLE_STATUS, flags=["C"])).outcome == "refused"
    assert weighed(fact(K.VEHICLE_STATUS, flags=["C", "J"])).outcome == "suspicious"


def test_everything_wrong_is_told_at_once_gravest_first():
    result = weighed(
        fact(K.INVOICE, vin=OTHER_VIN, status="REVERSED"),
        fact(K.PURCHASE_TAX, status="UNPAID"),
        fact(K.PRE_INSPECTION, result="NOT_FOUND"),
    )
    assert result.outcome == "refused"
    assert codes(result) == ("F06-REVERSED", "F05-NOT-FOUND", "F06-VIN", "F07-UNPAID")


def test_a_false_identity_is_told_once_not_four_times():
    result = weighed(fact(K.IDENTITY, id_blind="x"))
    assert codes(result) == ("F01-ID",)


def test_an_inspection_that_the_car_passed_stands_in_for_the_record():
    unrecorded = silent(K.PRE_INSPECTION)
    others = [judge(each) for each in REQUIRED["new_car"] if each is not K.PRE_INSPECTION]
    before = weigh([unrecorded, *others], case(), profile(), NOW)
    inspected = case(inspection=fact(K.INSPECTION))
    after = weigh([unrecorded, *others], inspected, profile(), NOW)
    assert (before.outcome, after.outcome) == ("on_site", "verified")


def test_an_old_car_is_registered_after_its_inspection():
    old = fact(K.CERTIFICATE, left_factory_on="2023-01-01")
    assert weighed(old).outcome == "on_site"
    assert weighed(old, of=case(inspection=fact(K.INSPECTION))).outcome == "verified"


def test_an_inspection_without_its_recording_cures_nothing():
    old = fact(K.CERTIFICATE, left_factory_on="2023-01-01")
    unrecorded = case(inspection=fact(K.INSPECTION, recording_no=""))
    assert weighed(old, of=unrecorded).outcome == "on_site"


def test_another_vin_on_the_metal_goes_to_an_officer():
    assert weighed(of=case(inspection=fact(K.INSPECTION, vin=OTHER_VIN))).outcome == "suspicious"


def test_a_reviewer_can_overrule_an_invoice_but_not_a_seal():
    overruled = case(overruled=frozenset({"F06-REVERSED", "F10-SEALED"}))
    assert weighed(fact(K.INVOICE, status="REVERSED"), of=overruled).outcome == "verified"
    assert weighed(fact(K.VEHICLE_STATUS, flags=["K"]), of=overruled).outcome == "refused"


def test_an_officer_clears_a_suspicion_for_good():
    suspect = fact(K.VEHICLE_STATUS, flags=["J"])
    cleared = case(overruled=frozenset({"F10-SUSPECT"}))
    assert weighed(suspect, of=cleared).outcome == "verified"
    finding = JUDGES[K.VEHICLE_STATUS](suspect, cleared, now=NOW, profile=profile())
    assert lets_go_on(finding, cleared, now=NOW, profile=profile())


def test_operating_use_is_the_owners_to_correct():
    result = weighed(of=case(use_character="F"))
    assert (result.outcome, codes(result)) == ("needs_correction", ("A08-USE",))


def test_an_agent_cannot_have_a_certificate_reissued():
    result = weighed(of=reissue_case(agent=True))
    assert (result.outcome, codes(result)) == ("refused", ("A08-AGENT",))


def test_a_mortgaged_certificate_needs_the_lender():
    mortgaged = fact(K.MORTGAGE, active=True, lender=LENDER)
    signed = reissue_case(cosignature=fact(K.COSIGNATURE))
    assert weighed(mortgaged, of=reissue_case()).outcome == "awaiting_source"
    assert weighed(mortgaged, of=signed).outcome == "verified"


def test_what_is_checked_again_at_registration():
    assert {"F06", "F07", "F08", "F10", "F14"} == set(RECHECKED_AT_REGISTRATION)
    found = [judge(each) for each in RECHECKED_AT_REGISTRATION]
    result = weigh(found, case(), profile(), NOW, kinds=RECHECKED_AT_REGISTRATION)
    assert result.outcome == "verified"


def test_silence_and_age_are_told_when_the_waits_are_over():
    def last(kind: K, about: Fact | None, asked_at: datetime | None = None) -> str:
        return judge_at_last(
            kind, about, case(), now=NOW, profile=profile(), asked_at=asked_at
        ).code

    yesterday = fact(K.PURCHASE_TAX, occurred_at=NOW - timedelta(days=1))
    assert last(K.PURCHASE_TAX, None) == "F07-SILENT"
    assert last(K.PURCHASE_TAX, yesterday) == "F07-STALE"
    assert last(K.PURCHASE_TAX, yesterday, NOW - timedelta(days=2)) == "F07-MATCHED"
    assert last(K.MORTGAGE, None) == "F14-NONE-KNOWN"
    assert last(K.VEHICLE_STATUS, fact(K.VEHICLE_STATUS)) == "F10-STALE"


def _on(code: str) -> Finding:
    """A finding on a ground, as a judge would hand it over."""
    return GROUNDS[code].found(field=GROUNDS[code].field)


_CODES = sorted(GROUNDS)


@given(st.lists(st.sampled_from(_CODES), max_size=6), st.sampled_from(_CODES))
def test_one_more_finding_never_makes_a_case_lighter(some, more):
    fewer = weigh(map(_on, some), case(), profile(), NOW, kinds=())
    all_of_them = weigh(map(_on, [*some, more]), case(), profile(), NOW, kinds=())
    assert GRAVITY[all_of_them.outcome] >= GRAVITY[fewer.outcome]
    assert GRAVITY[all_of_them.outcome] >= GRAVITY[GROUNDS[more].consequence]


@given(st.lists(st.sampled_from(_CODES), max_size=8).flatmap(st.permutations))
def test_the_order_of_findings_does_not_matter(some):
    one = weigh(map(_on, some), case(), profile(), NOW, kinds=())
    other = weigh(map(_on, sorted(some)), case(), profile(), NOW, kinds=())
    assert one.outcome == other.outcome
    assert set(one.reasons) == set(other.reasons)


@given(st.lists(st.sampled_from(_CODES), min_size=1, max_size=8))
def test_verified_means_that_every_finding_matched(some):
    result = weigh(map(_on, some), case(), profile(), NOW, kinds=())
    matched = all(GROUNDS[code].outcome is Outcome.MATCHED for code in some)
    assert (result.outcome is Consequence.VERIFIED) == matched
    assert bool(result.reasons) == (not matched)


@given(st.lists(st.sampled_from(_CODES), min_size=1, max_size=8))
def test_what_decides_a_case_has_its_card(some):
    result = weigh(map(_on, some), case(), profile(), NOW, kinds=())
    if result.outcome is not Consequence.VERIFIED:
        assert result.reasons[0].consequence == result.outcome


def test_a_wrong_parameter_is_told_though_the_certificate_is_old_or_void():
    other = fact(K.ANNOUNCEMENT, params_seats=7)
    old = fact(K.CERTIFICATE, left_factory_on="2023-01-01")
    void = fact(K.CERTIFICATE, status="VOID")
    assert codes(weighed(other, old)) == ("F04-PARAMETER", "F03-AGE")
    assert codes(weighed(other, void)) == ("F04-PARAMETER", "F03-VOID")


def test_a_finding_that_did_not_match_never_counts_as_verified():
    broken = _on("F10-MATCHED")._replace(outcome=Outcome.UNAVAILABLE)
    assert weigh([broken], case(), profile(), NOW, kinds=()).outcome == "awaiting_source"


def test_each_pair_of_consequences_has_one_that_wins():
    by_word: dict[Consequence, str] = {}
    for code, ground in GROUNDS.items():
        by_word.setdefault(ground.consequence, code)
    order = ["suspicious", "refused", "on_site", "needs_correction", "awaiting_source", "verified"]
    for graver, lighter in combinations(order, 2):
        pair = [_on(by_word[Consequence(each)]) for each in (lighter, graver)]
        assert weigh(pair, case(), profile(), NOW, kinds=()).outcome == graver
