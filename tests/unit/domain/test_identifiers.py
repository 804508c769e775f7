"""The identifiers of the field: every published vector, and what each check can and cannot see."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chepai.domain import (
    certificate_number,
    invoice_number,
    mobile,
    policy_number,
    resident_id,
    uscc,
    vin,
    waybill,
)

TODAY = date(2026, 1, 1)
VIN = "LZWADAGA1SB000123"


@pytest.mark.parametrize(
    "valid",
    [
        "1M8GDM9AXKP042788",
        "LGWEF5A58HH002014",
        "LZZ1ELSEXLW644557",
        VIN,
        "LFMAPE2GXS0000045",
        " lzwad-aga1 sb000123 ",
        "ＬＺＷＡＤＡＧＡ１ＳＢ０００１２３",
    ],
)
def test_a_valid_vin_passes(valid):
    assert vin.why_invalid(valid) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("LZWAEAGA1SB000123", vin.VinFault.CHECK),
        ("LZWADAGI0SB000123", vin.VinFault.FORMAT),
        ("LZWADAGA0SB00012", vin.VinFault.FORMAT),
        ("", vin.VinFault.FORMAT),
        (VIN + "\n1", vin.VinFault.FORMAT),
        ("LZWADAGA1SB00012٣", vin.VinFault.FORMAT),
        ("LZWADAGA8UB000123", vin.VinFault.YEAR),
        ("LZWADAGA6SB00A123", vin.VinFault.SERIAL),
    ],
)
def test_an_invalid_vin_says_why(text, fault):
    assert vin.why_invalid(text) is fault


def test_letters_of_equal_value_pass_the_check_but_are_another_car():
    collision = "LZWJDAGA1SB000123"
    assert vin.why_invalid(collision) is None
    assert not vin.same(collision, VIN)
    assert vin.same("lzwadaga1sb000123", VIN)


def test_an_imported_car_needs_no_check_digit():
    imported = "WDD2050091F123456"
    assert vin.why_invalid(imported) is vin.VinFault.CHECK
    assert vin.why_invalid(imported, domestic=False) is None


def test_a_misread_vin_gets_offers_and_is_never_corrected():
    assert vin.candidates("LZWADAGAISBOOO123")[0] == VIN
    assert vin.candidates("LZWADAGA1S8000123")[0] == VIN
    assert all(vin.why_invalid(each) is None for each in vin.candidates("LZWADAGAISBOOO123"))
    assert vin.normalise("LZWADAGAISBOOO123") == "LZWADAGAISBOOO123"
    assert vin.candidates(VIN) == ()
    assert vin.candidates("LZW") == ()


@pytest.mark.parametrize(
    ("text", "year"), [(VIN, 2025), ("1M8GDM9AXKP042788", 2019), ("LGWEF5A58HH002014", 2017)]
)
def test_the_year_code_counts_in_cycles_of_thirty(text, year):
    assert vin.model_year(text, today=TODAY) == year


def test_a_model_year_may_be_sold_from_the_year_before():
    assert vin.model_year(VIN, today=date(2024, 9, 1)) == 2025
    assert vin.model_year(VIN, today=date(2023, 9, 1)) == 1995
    assert vin.model_year("LZW", today=TODAY) is None


VIN_CHARACTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


@given(
    st.text(VIN_CHARACTERS, min_size=8, max_size=8),
    st.sampled_from("123456789ABCDEFGHJKLMNPRSTVWXY"),
    st.text(VIN_CHARACTERS, min_size=3, max_size=3),
    st.integers(0, 9999),
    st.integers(0, 16),
    st.sampled_from("0123456789"),
)
def test_one_wrong_digit_never_passes_a_vin(front, year, middle, serial, place, digit):
    body = f"{front}0{year}{middle}{serial:04d}"
    whole = body[:8] + vin.check_digit(body) + body[9:]
    assert vin.why_invalid(whole) is None
    wrong = whole[:place] + digit + whole[place + 1 :]
    # The ninth weight is nought: there the digit is the check itself. Letters may share a value.
    if whole[place].isdigit() and digit != whole[place]:
        assert vin.why_invalid(wrong) is not None


@pytest.mark.parametrize(
    "valid",
    [
        "370200199003070019",
        "370200195805150020",
        "370200200712310033",
        "37020019900307006X",
        "37020019900307006x",
        "370200 19900307 006x",
    ],
)
def test_a_valid_identity_number_passes(valid):
    assert resident_id.why_invalid(valid, today=TODAY) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("370200198502290011", resident_id.ResidentIdFault.BIRTH),
        ("370200199003070018", resident_id.ResidentIdFault.CHECK),
        ("37020019900307001", resident_id.ResidentIdFault.FORMAT),
        ("37020019900307001_", resident_id.ResidentIdFault.FORMAT),
        ("070200199003070019", resident_id.ResidentIdFault.FORMAT),
        ("", resident_id.ResidentIdFault.FORMAT),
    ],
)
def test_an_invalid_identity_number_says_why(text, fault):
    assert resident_id.why_invalid(text, today=TODAY) is fault


def test_the_check_is_asked_for_with_or_without_its_place():
    assert resident_id.check_character("37020019900307001") == "9"
    assert resident_id.check_character("370200199003070018") == "9"
    assert uscc.check_character("91370200MA3TXK003") == "T"


def test_nobody_is_born_tomorrow_or_before_1900():
    assert (
        resident_id.why_invalid("370200199003070019", today=date(1990, 3, 6))
        is resident_id.ResidentIdFault.BIRTH
    )
    assert resident_id.why_invalid("370200199003070019", today=date(1990, 3, 7)) is None
    body = "37020018991231001"
    old = body + resident_id.check_character(body + "0")
    assert resident_id.why_invalid(old, today=TODAY) is resident_id.ResidentIdFault.BIRTH


@pytest.mark.parametrize(
    ("body", "document"),
    [
        ("37020019900307001", resident_id.Document.RESIDENT),
        ("81000019900307001", resident_id.Document.HK_MO_TW_PERMIT),
        ("83000019900307001", resident_id.Document.HK_MO_TW_PERMIT),
        ("91184019900307001", resident_id.Document.PERMANENT_RESIDENT),
    ],
)
def test_other_lawful_permits_share_the_form(body, document):
    number = body + resident_id.check_character(body + "0")
    assert resident_id.document(number, today=TODAY) is document


def test_documents_without_a_public_check():
    assert resident_id.document("USA310085112407", today=TODAY) is resident_id.Document.OTHER
    assert resident_id.document("E12345678", today=TODAY) is resident_id.Document.OTHER
    assert resident_id.document("370200199003070018", today=TODAY) is resident_id.Document.NONE
    assert resident_id.document("??", today=TODAY) is resident_id.Document.NONE


def test_age_turns_on_the_birthday():
    number = "370200200712310033"
    assert resident_id.born_year(number) == 2007
    assert resident_id.age_on(number, date(2025, 12, 30)) == 17
    assert resident_id.age_on(number, date(2025, 12, 31)) == 18
    assert resident_id.age_on("370200200002290000", date(2018, 2, 28)) == 17
    assert resident_id.age_on("370200200002290000", date(2018, 3, 1)) == 18
    with pytest.raises(ValueError, match="no date of birth"):
        resident_id.born_on("37020019850229001X")


@given(
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
    st.integers(0, 17),
    st.sampled_from("0123456789"),
)
def test_one_wrong_digit_never_passes_an_identity_number(birth, order, place, digit):
    body = f"370200{birth:%Y%m%d}{order:03d}"
    whole = body + resident_id.check_character(body + "0")
    assert resident_id.why_invalid(whole, today=TODAY) is None
    wrong = whole[:place] + digit + whole[place + 1 :]
    if wrong != whole:
        assert resident_id.why_invalid(wrong, today=TODAY) is not None


@pytest.mark.parametrize(
    "valid",
    [
        "914403001922038216",
        "9144030071526726XG",
        "91370200MA3TXK003T",
        "91370200 ma3txk003t",
        # Its remainder is 0: code that forgets the last "mod 31" fails here.
        "913702000000001230",
    ],
)
def test_a_valid_credit_code_passes(valid):
    assert uscc.why_invalid(valid) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("91370200MA3TXK003A", uscc.UsccFault.CHECK),
        ("91370200MA3TXK00IT", uscc.UsccFault.FORMAT),
        ("91370200MA3TXK003", uscc.UsccFault.FORMAT),
        ("", uscc.UsccFault.FORMAT),
    ],
)
def test_an_invalid_credit_code_says_why(text, fault):
    assert uscc.why_invalid(text) is fault


def test_the_organisation_inside_is_checked_too():
    body = "91370200MA3TXK004"
    wrong = body + uscc.check_character(body + "0")
    assert uscc.why_invalid(wrong) is uscc.UsccFault.ORGANISATION


def test_a_co_operative_starts_with_letters():
    body = "N2370200" + "MF000001" + uscc.organisation_check("MF000001")
    assert uscc.why_invalid(body + uscc.check_character(body + "0")) is None


@given(st.integers(0, 99_999_999), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGH"))
def test_one_wrong_character_never_passes_a_credit_code(number, place, character):
    inner = f"{number:08d}"
    body = "91370200" + inner + uscc.organisation_check(inner)
    whole = body + uscc.check_character(body + "0")
    wrong = whole[:place] + character + whole[place + 1 :]
    if uscc.why_invalid(whole) is None and wrong != whole:
        assert uscc.why_invalid(wrong) is not None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("13800138000", None),
        ("19912345678", None),
        ("+8613800138000", None),
        ("0086 138-0013-8000", None),
        ("(+86) 138 0013 8000", None),
        ("12012345678", mobile.MobileFault.FORMAT),
        ("1380013800", mobile.MobileFault.FORMAT),
        ("138001380000", mobile.MobileFault.FORMAT),
        ("", mobile.MobileFault.FORMAT),
    ],
)
def test_a_mobile_number(text, fault):
    assert mobile.why_invalid(text) is fault


def test_a_mobile_number_is_stored_without_its_country():
    assert mobile.normalise("+86 138 0013 8000") == "13800138000"
    assert mobile.normalise("0086-13800138000") == "13800138000"


@pytest.mark.parametrize("valid", ["WAN048173322134", "YG170ZLM1234567", "WAN04817332213"])
def test_a_valid_certificate_number_passes(valid):
    assert certificate_number.why_invalid(valid) is None
    assert certificate_number.maker_code(valid) == valid[:4]


@pytest.mark.parametrize("wrong", ["1234", "1AN048173322134", "WAN0481733221345", ""])
def test_an_invalid_certificate_number_is_seen(wrong):
    fault = certificate_number.CertificateNumberFault.FORMAT
    assert certificate_number.why_invalid(wrong) is fault


@pytest.mark.parametrize(
    ("text", "form", "year", "region", "trade"),
    [
        ("25370000000123456789", "DIGITAL", 2025, "37", None),
        ("137022322101/00012345", "LEGACY", 2023, "3702", "NEW_VEHICLE"),
        ("137022322101-00012345", "LEGACY", 2023, "3702", "NEW_VEHICLE"),
        ("137022322101 00012345", "LEGACY", 2023, "3702", "NEW_VEHICLE"),
        ("037001900117/00054321", "LEGACY", None, "3700", "USED_VEHICLE"),
        ("144001714160/12345678", "LEGACY", None, "4400", "OTHER"),
    ],
)
def test_an_invoice_number_says_what_it_is(text, form, year, region, trade):
    assert invoice_number.why_invalid(text) is None
    known = invoice_number.read(text)
    assert known is not None
    assert (known.form, known.year, known.region, known.trade) == (form, year, region, trade)


@pytest.mark.parametrize("wrong", ["1234", "", "13702232210100012345", "2537000000012345678X"])
def test_an_invalid_invoice_number_is_seen(wrong):
    assert invoice_number.why_invalid(wrong) is invoice_number.InvoiceNumberFault.FORMAT
    assert invoice_number.read(wrong) is None


def test_a_city_with_its_own_state_plan_has_its_own_region():
    def here(text: str) -> bool:
        return invoice_number.issued_here(text, digital_regions={"95"}, area="3702")

    assert here("25950000000123456789")
    assert not here("25370000000123456789")
    assert here("137022322101/00012345")
    assert not here("1234")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("PDZA202637020000012345", None),
        ("1" * 15, None),
        ("1" * 14, policy_number.PolicyNumberFault.FORMAT),
        ("1" * 31, policy_number.PolicyNumberFault.FORMAT),
        ("PDZA2026370200保单12345", policy_number.PolicyNumberFault.FORMAT),
    ],
)
def test_a_policy_number_is_opaque(text, fault):
    assert policy_number.why_invalid(text) is fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("EA473124829CN", None),
        ("ea 4731 2482 9 cn", None),
        ("1234567890123", None),
        ("9234567890123", None),
        ("EA473124828CN", waybill.WaybillFault.CHECK),
        ("2234567890123", waybill.WaybillFault.FORMAT),
        ("", waybill.WaybillFault.FORMAT),
    ],
)
def test_a_waybill(text, fault):
    assert waybill.why_invalid(text) is fault


@given(st.integers(0, 99_999_999), st.integers(0, 7), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_seen_on_a_waybill_but_for_the_shared_checks(number, place, digit):
    digits = f"{number:08d}"
    wrong = digits[:place] + digit + digits[place + 1 :]
    whole = f"EA{digits}{waybill.s10_check(digits)}CN"
    assert waybill.why_invalid(whole) is None
    mistaken = f"EA{wrong}{waybill.s10_check(digits)}CN"
    # The remainders 0 and 1 give 5 and 0, which 6 and 11 give as well: that is the standard's own.
    if wrong != digits and waybill.s10_check(digits) not in {"0", "5"}:
        assert waybill.why_invalid(mistaken) is waybill.WaybillFault.CHECK


@given(st.text(max_size=30))
@example("A¨")
def test_any_text_gets_an_answer(text):
    for module in (vin, uscc, mobile, certificate_number, invoice_number, policy_number, waybill):
        normal: str = module.normalise(text)
        assert module.normalise(normal) == normal
        assert module.why_invalid(text) == module.why_invalid(normal)
    assert resident_id.document(text, today=TODAY) in resident_id.Document
