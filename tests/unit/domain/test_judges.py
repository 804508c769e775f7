"""One table per fact: what each source says, and what the judge makes of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain.facts import FactKind
from chepai.domain.findings import Finding, Outcome
from chepai.domain.verification import GROUNDS, JUDGES, USUALS
from tests.unit.domain.cases import (
    LENDER,
    NOW,
    OTHER_VIN,
    SAYS,
    case,
    fact,
    judge,
    profile,
    reissue_case,
)

K = FactKind
JUDGED = sorted(JUDGES)


@pytest.mark.parametrize("kind", JUDGED)
def test_a_fact_in_order_matches(kind):
    assert judge(kind).outcome is Outcome.MATCHED


@pytest.mark.parametrize(
    ("kind", "differs", "code"),
    [
        (K.IDENTITY, {"result": "MISMATCH"}, "F01-MISMATCH"),
        (K.IDENTITY, {"alive": False}, "F01-NOT-ALIVE"),
        (K.IDENTITY, {"id_blind": "x"}, "F01-ID"),
        (K.IDENTITY, {"name_blind": "x"}, "F01-NAME"),
        (K.IDENTITY, {"born": 2009}, "F01-UNDER-AGE"),
        (K.IDENTITY, {"born": 2008}, "F01-MATCHED"),
        (K.IDENTITY, {"born": 2009, "method": "COUNTER"}, "F01-MATCHED"),
        (K.IDENTITY, {"result": "MISMATCH", "id_blind": None}, "F01-MISMATCH"),
        (K.IDENTITY, {"method": "GUESS"}, "F01-UNREADABLE"),
        (K.CERTIFICATE, {"vin": OTHER_VIN}, "F03-VIN"),
        (K.CERTIFICATE, {"status": "VOID"}, "F03-VOID"),
        (K.CERTIFICATE, {"issued_on": "2026-06-11"}, "F03-DATE"),
        (K.CERTIFICATE, {"issued_on": "2026-06-10"}, "F03-MATCHED"),
        (K.CERTIFICATE, {"left_factory_on": "2026-06-11"}, "F03-DATE"),
        (K.CERTIFICATE, {"origin": "IMPORTED"}, "F03-ORIGIN"),
        (K.CERTIFICATE, {"vehicle_class": "LARGE_PASSENGER"}, "F03-CLASS"),
        (K.CERTIFICATE, {"vehicle_class": "MINI_PASSENGER"}, "F03-MATCHED"),
        (K.CERTIFICATE, {"energy": "PURE_ELECTRIC"}, "F03-MATCHED"),
        (K.CERTIFICATE, {"energy": "STEAM"}, "F03-UNREADABLE"),
        (K.CERTIFICATE, {"left_factory_on": "2024-06-10"}, "F03-MATCHED"),
        (K.CERTIFICATE, {"left_factory_on": "2024-06-09"}, "F03-AGE"),
        (K.CERTIFICATE, {"params": {"length_mm": 1}}, "F03-UNREADABLE"),
        (K.ANNOUNCEMENT, {"status": "REVOKED"}, "F04-REVOKED"),
        (K.ANNOUNCEMENT, {"status": "NOT_FOUND"}, "F04-NOT-FOUND"),
        (K.ANNOUNCEMENT, {"model": "LZW6451"}, "F04-MODEL"),
        (K.ANNOUNCEMENT, {"params_seats": 7}, "F04-PARAMETER"),
        (K.PRE_INSPECTION, {"vin": OTHER_VIN}, "F05-VIN"),
        (K.PRE_INSPECTION, {"result": "FAILED"}, "F05-FAILED"),
        (K.PRE_INSPECTION, {"result": "NOT_FOUND"}, "F05-NOT-FOUND"),
        (K.PRE_INSPECTION, {"accident": True}, "F05-ACCIDENT"),
        (K.PRE_INSPECTION, {"inspected_on": "2026-06-11"}, "F05-DATE"),
        (K.INVOICE, {"buyer_blind": "x"}, "F06-BUYER"),
        (K.INVOICE, {"buyer_name_blind": "x"}, "F06-NAME"),
        (K.INVOICE, {"vin": OTHER_VIN}, "F06-VIN"),
        (K.INVOICE, {"certificate_no": "WAA0000000000AA"}, "F06-CERTIFICATE"),
        (K.INVOICE, {"status": "REVERSED"}, "F06-REVERSED"),
        (K.INVOICE, {"kind": "USED_VEHICLE"}, "F06-KIND"),
        (K.INVOICE, {"issued_on": "2026-06-11"}, "F06-DATE"),
        (K.INVOICE, {"price_fen": 0}, "F06-PRICE"),
        (K.INVOICE, {"seller_uscc": "91370200MA3TXK003A"}, "F06-SELLER"),
        (K.INVOICE, {"form": "LEGACY"}, "F06-NUMBER"),
        (K.PURCHASE_TAX, {"status": "UNPAID"}, "F07-UNPAID"),
        (K.PURCHASE_TAX, {"status": "EXEMPT", "paid_on": None}, "F07-EXEMPT"),
        (K.PURCHASE_TAX, {"status": "REDUCED"}, "F07-REDUCED"),
        (K.PURCHASE_TAX, {"vin": OTHER_VIN}, "F07-VIN"),
        (K.PURCHASE_TAX, {"taxpayer_blind": "x"}, "F07-TAXPAYER"),
        (K.PURCHASE_TAX, {"paid_on": "2026-06-11"}, "F07-DATE"),
        (K.PURCHASE_TAX, {"amount_fen": 0}, "F07-AMOUNT"),
        (K.PURCHASE_TAX, {"status": "UNAVAILABLE"}, "F07-UNAVAILABLE"),
        (K.COMPULSORY_INSURANCE, {"starts_on": "2026-06-11"}, "F08-BOUND"),
        (K.COMPULSORY_INSURANCE, {"status": "BOUND"}, "F08-MATCHED"),
        (K.COMPULSORY_INSURANCE, {"status": "CANCELLED"}, "F08-CANCELLED"),
        (
            K.COMPULSORY_INSURANCE,
            {"starts_on": "2025-06-10", "ends_on": "2026-06-09"},
            "F08-ENDED",
        ),
        (K.COMPULSORY_INSURANCE, {"ends_on": "2026-06-09"}, "F08-DATE"),
        (K.COMPULSORY_INSURANCE, {"vin": OTHER_VIN}, "F08-VIN"),
        (K.COMPULSORY_INSURANCE, {"insured_blind": "x"}, "F08-INSURED"),
        (K.COMPULSORY_INSURANCE, {"policy_no": "12"}, "F08-NUMBER"),
        (K.VESSEL_TAX, {"status": "UNPAID"}, "F09-UNPAID"),
        (K.VESSEL_TAX, {"status": "EXEMPT"}, "F09-EXEMPT"),
        (K.VESSEL_TAX, {"year": 2025}, "F09-YEAR"),
        (K.VESSEL_TAX, {"vin": OTHER_VIN}, "F09-VIN"),
        (K.VEHICLE_STATUS, {"vin": OTHER_VIN}, "F10-VIN"),
        (K.VEHICLE_STATUS, {"flags": []}, "F10-UNREADABLE"),
        (K.VEHICLE_STATUS, {"flags": None}, "F10-UNREADABLE"),
        (K.VEHICLE_STATUS, {"flags": "C"}, "F10-UNREADABLE"),
        (K.VEHICLE_STATUS, {"flags": ["Z"]}, "F10-UNREADABLE"),
        (K.VEHICLE_STATUS, {"status": "UNAVAILABLE"}, "F10-UNAVAILABLE"),
        (K.MORTGAGE, {"active": True, "lender": LENDER}, "F14-COSIGN"),
        (
            K.MORTGAGE,
            {"active": True, "lender": LENDER, "cosigned_application": "app_1"},
            "F14-COSIGNED",
        ),
        (
            K.MORTGAGE,
            {"active": True, "lender": LENDER, "cosigned_application": "app_2"},
            "F14-COSIGN",
        ),
        (K.MORTGAGE, {"vin": OTHER_VIN}, "F14-VIN"),
        (K.INSPECTION, {"recording_no": ""}, "A07-RECORDING"),
        (K.INSPECTION, {"result": "FAILED"}, "A07-FAILED"),
        (K.INSPECTION, {"vin": OTHER_VIN}, "A07-VIN"),
        (K.INSPECTION, {"inspected_on": "2026-06-11"}, "A07-DATE"),
    ],
)
def test_the_fact_decides(kind, differs, code):
    finding = judge(kind, **differs)
    assert finding.code == code
    assert finding.outcome is GROUNDS[code].outcome


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ("A", "F10-MATCHED"),
        ("GQ", "F10-MATCHED"),
        ("DI", "F10-MATCHED"),
        ("C", "F10-STOLEN"),
        ("AC", "F10-STOLEN"),
        ("K", "F10-SEALED"),
        ("L", "F10-SEIZED"),
        ("O", "F10-LOCKED"),
        ("M", "F10-SCRAPPED"),
        ("P", "F10-SCRAPPED"),
        ("B", "F10-REGISTERED"),
        ("E", "F10-DEREGISTERED"),
        ("J", "F10-SUSPECT"),
        ("N", "F10-ESCAPED"),
        ("H", "F10-CUSTOMS"),
        ("CJ", "F10-SUSPECT"),
    ],
)
def test_a_vehicle_carries_a_set_of_flags(flags, code):
    assert judge(K.VEHICLE_STATUS, flags=list(flags)).code == code


def test_customs_supervision_does_not_bar_a_reissue():
    assert judge(K.VEHICLE_STATUS, of=reissue_case(), flags=["H"]).code == "F10-MATCHED"


def test_all_that_is_wrong_with_one_fact_is_told():
    finding = judge(K.INVOICE, vin=OTHER_VIN, buyer_blind="x", price_fen=0)
    assert {each.code for each in finding.each()} == {"F06-VIN", "F06-BUYER", "F06-PRICE"}


def test_the_parameter_that_differs_is_named_with_both_values():
    finding = judge(K.ANNOUNCEMENT, params_mass_kg=1400)
    assert (finding.field, finding.seen) == ("params.mass_kg", "1320/1400")


def test_persons_and_vins_are_shown_masked():
    assert judge(K.INVOICE, buyer_blind="x").seen == "370***********0019"
    assert judge(K.INVOICE, vin=OTHER_VIN).seen == "***********000123"


def test_a_maker_that_is_not_connected_is_not_waited_for():
    strange = case(vin="LZZ1ELSEXLW644557")
    finding = JUDGES[K.PRE_INSPECTION](None, strange, now=NOW, profile=profile())
    assert finding.code == "F05-MAKER-NOT-CONNECTED"


def test_new_energy_cars_only_where_the_city_takes_them():
    closed = profile(allow_nev=False)
    electric, hybrid = (
        JUDGES[K.CERTIFICATE](fact(K.CERTIFICATE, energy=each), case(), now=NOW, profile=closed)
        for each in ("PURE_ELECTRIC", "HYBRID")
    )
    assert (electric.code, hybrid.code) == ("F03-ENERGY", "F03-MATCHED")


def test_persons_are_not_compared_before_the_identity_is_known():
    unknown = case(identity=None)
    for kind in (K.INVOICE, K.PURCHASE_TAX, K.COMPULSORY_INSURANCE):
        assert judge(kind, of=unknown).code == f"{kind}-NO-IDENTITY"


def test_the_announcement_waits_for_the_certificate():
    assert judge(K.ANNOUNCEMENT, of=case(certificate=None)).code == "F04-NO-CERTIFICATE"


def test_the_environmental_list_counts_only_where_the_city_asks():
    asked = profile(emission_check=True)
    missing = JUDGES[K.EMISSION](None, case(), now=NOW, profile=asked)
    unlisted = JUDGES[K.EMISSION](fact(K.EMISSION, listed=False), case(), now=NOW, profile=asked)
    assert (missing.code, unlisted.code) == ("F19-MISSING", "F19-NOT-LISTED")
    assert judge(K.EMISSION, listed=False).code == "F19-NOT-ASKED"


def test_only_the_lender_of_the_mortgage_can_agree():
    mortgage = {"active": True, "lender": LENDER}
    signed = reissue_case(cosignature=fact(K.COSIGNATURE))
    stranger = reissue_case(cosignature=fact(K.COSIGNATURE, lender="913702000000000000"))
    refused = reissue_case(cosignature=fact(K.COSIGNATURE, result="REFUSED"))
    found = [judge(K.MORTGAGE, of=each, **mortgage).code for each in (signed, stranger, refused)]
    assert found == ["F14-COSIGNED", "F14-COSIGN", "F14-LENDER-REFUSED"]


def test_no_lender_is_asked_about_a_car_that_was_never_registered():
    new, old = (
        JUDGES[K.MORTGAGE](None, each, now=NOW, profile=profile())
        for each in (case(), reissue_case())
    )
    assert (new.code, old.code) == ("F14-NONE-KNOWN", "F14-MISSING")


@pytest.mark.parametrize("kind", JUDGED)
def test_a_fact_past_its_own_validity_never_matches(kind):
    old = fact(kind)
    old = type(old)(**{**old.__dict__, "valid_until": NOW - timedelta(seconds=1)})
    finding = JUDGES[kind](old, case(), now=NOW, profile=profile(emission_check=True))
    assert (finding.code, finding.outcome) == (f"{kind}-STALE", Outcome.MISSING)


@pytest.mark.parametrize("kind", JUDGED)
def test_a_fact_of_another_kind_never_matches(kind):
    foreign = fact(K.COSIGNATURE)
    finding = JUDGES[kind](foreign, case(), now=NOW, profile=profile(emission_check=True))
    assert finding.outcome is not Outcome.MATCHED


# What a judge does not look at, because no rule rests on it.
_NOT_JUDGED = {"reference", "id_masked", "name_masked", "site", "lender", "cosigned_application"}
_NOT_JUDGED |= {each for each in SAYS[K.INVOICE] if each.endswith("_masked")}
_NOT_JUDGED |= {"taxpayer_masked", "insured_masked"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind in JUDGED for name in SAYS[kind] if name not in _NOT_JUDGED],
)
@pytest.mark.parametrize("lost", [None, "", 3.5, ["?"], {"?": 1}])
def test_a_lost_value_never_matches(kind, name, lost):
    finding = JUDGES[kind](
        fact(kind, **{name: lost}), case(), now=NOW, profile=profile(emission_check=True)
    )
    assert finding.outcome is not Outcome.MATCHED


_VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text())


@pytest.mark.parametrize("kind", JUDGED)
def test_what_is_unavailable_stays_so_beside_a_word_that_cannot_be_read(kind):
    torn = fact(kind, result=[], status="UNAVAILABLE")
    finding = JUDGES[kind](torn, case(), now=NOW, profile=profile(emission_check=True))
    assert finding.outcome is Outcome.UNAVAILABLE


@given(
    kind=st.sampled_from(JUDGED),
    says=st.dictionaries(
        st.sampled_from(sorted({name for each in SAYS.values() for name in each})), _VALUES
    ),
    now_off=st.integers(min_value=-10, max_value=10_000),
)
def test_judges_are_total_and_never_match_what_is_unavailable(kind, says, now_off):
    about = fact(kind, **says)
    now = NOW + timedelta(hours=now_off)
    finding = JUDGES[kind](about, case(), now=now, profile=profile(emission_check=True))
    assert finding.code in GROUNDS
    unavailable = type(about)(**{**about.__dict__, "says": {**about.says, "status": "UNAVAILABLE"}})
    second = JUDGES[kind](unavailable, case(), now=now, profile=profile(emission_check=True))
    assert second.outcome is not Outcome.MATCHED


@given(st.sampled_from(JUDGED), st.integers(min_value=1, max_value=9))
def test_a_finding_survives_being_stored(kind, version):
    finding = JUDGES[kind](
        fact(kind, version=version, vin=OTHER_VIN, status="?"), case(), now=NOW, profile=profile()
    )
    assert Finding.from_record(finding.record()) == finding


def test_every_kind_has_its_shared_grounds():
    assert set(USUALS) == set(JUDGES)
