"""Reason cards: complete in both languages, and each names the one field and agency at fault."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from chepai.domain import reasons
from chepai.domain.facts import Agency, FactKind
from chepai.domain.findings import Appeal, Consequence, Limit, Remedy
from chepai.domain.refusal_grounds import ARTICLE_15, established, item_of
from chepai.domain.vehicle_status import FORBIDS_FIRST_REGISTRATION
from chepai.domain.verification import GROUNDS, REQUIRED
from tests.unit.domain.cases import (
    LENDER,
    OTHER_VIN,
    SAYS,
    case,
    codes,
    fact,
    profile,
    weighed,
)

K = FactKind
TODAY = date(2026, 6, 10)
_CATALOGUE = Path(reasons.__file__).parent.parent / "catalogue"
TEXTS = {
    language: json.loads((_CATALOGUE / language / "reasons.json").read_text(encoding="utf-8"))
    for language in ("zh-CN", "en")
}
_HAN = re.compile(r"[一-鿿]")


def _card(code: str) -> tuple[reasons.ReasonCard, ...]:
    return reasons.cards(
        [GROUNDS[code].found(seen="seen")],
        GROUNDS,
        today=TODAY,
        profile=profile(),
        for_staff=True,
    )


@pytest.mark.parametrize("code", [c for c, g in GROUNDS.items() if g.outcome != "matched"])
def test_every_ground_makes_a_complete_card_in_both_languages(code):
    (card,) = _card(code)
    assert card.deadline > TODAY
    for language, texts in TEXTS.items():
        for part, entry in card.texts().items():
            said = texts[entry]["title"]
            assert said, (language, part, entry)
            assert bool(_HAN.search(said)) == (language == "zh-CN") or part == "field"
        detail = texts[code]["detail"].format_map(card.values())
        assert len(detail) > len(texts[code]["title"]) / 2
        assert "{" not in detail
        texts[f"deadline.{card.deadline_kind}"]["title"].format_map(card.values())


@pytest.mark.parametrize("code", GROUNDS)
def test_every_ground_has_its_words(code):
    for texts in TEXTS.values():
        assert set(texts[code]) == {"title", "detail"}


def test_every_part_that_a_card_can_have_has_its_words():
    parts = [
        *(f"remedy.{each}" for each in Remedy),
        *(f"deadline.{each}" for each in Limit),
        *(f"appeal.{each}" for each in Appeal),
        *(f"agency.{each}" for each in Agency),
        *(f"rule.R164-15-{item}" for item in ARTICLE_15),
        *(f"field.{name}" for kind in REQUIRED["new_car"] for name in SAYS[kind]),
    ]
    for texts in TEXTS.values():
        assert not [
            part for part in parts if part not in texts and not part.endswith(("_masked", "_uscc"))
        ]


def test_both_languages_say_the_same_things():
    chinese, english = TEXTS["zh-CN"], TEXTS["en"]
    assert chinese.keys() == english.keys()
    for code, parts in chinese.items():
        assert parts.keys() == english[code].keys()
        holes = [
            {*re.findall(r"{(\w+)}", " ".join(each.values()))} for each in (parts, english[code])
        ]
        assert holes[0] == holes[1], code


def test_chinese_is_written_with_its_own_punctuation():
    for area in ("reasons", "problems", "states"):
        text = (_CATALOGUE / "zh-CN" / f"{area}.json").read_text(encoding="utf-8")
        said = " ".join(part for parts in json.loads(text).values() for part in parts.values())
        assert not re.findall(r"[,;:()?!]", said)


def test_no_card_text_is_without_a_ground():
    spoken = {code for code in TEXTS["en"] if re.match(r"[FA]\d\d-", code)}
    assert spoken == set(GROUNDS)


# One value of one fact changed: the field that the card names, and who answers for it.
@pytest.mark.parametrize(
    ("kind", "differs", "code", "field", "agency"),
    [
        (K.IDENTITY, {"result": "MISMATCH"}, "F01-MISMATCH", "result", "police"),
        (K.IDENTITY, {"id_blind": "x"}, "F01-ID", "id_masked", "police"),
        (K.IDENTITY, {"name_blind": "x"}, "F01-NAME", "name_masked", "police"),
        (K.IDENTITY, {"born": 2015}, "F01-UNDER-AGE", "born", "police"),
        (K.CERTIFICATE, {"vin": OTHER_VIN}, "F03-VIN", "vin", "maker"),
        (K.CERTIFICATE, {"status": "VOID"}, "F03-VOID", "status", "maker"),
        (K.CERTIFICATE, {"issued_on": "2026-07-01"}, "F03-DATE", "issued_on", "maker"),
        (K.CERTIFICATE, {"left_factory_on": "2026-07-01"}, "F03-DATE", "left_factory_on", "maker"),
        (K.CERTIFICATE, {"left_factory_on": "2023-07-01"}, "F03-AGE", "left_factory_on", "maker"),
        (K.CERTIFICATE, {"origin": "IMPORTED"}, "F03-ORIGIN", "origin", "maker"),
        (K.CERTIFICATE, {"vehicle_class": "BUS"}, "F03-CLASS", "vehicle_class", "maker"),
        (K.ANNOUNCEMENT, {"status": "REVOKED"}, "F04-REVOKED", "status", "industry"),
        (K.ANNOUNCEMENT, {"model": "X"}, "F04-MODEL", "model", "industry"),
        *(
            (K.ANNOUNCEMENT, {f"params_{name}": 1}, "F04-PARAMETER", f"params.{name}", "industry")
            for name in SAYS[K.ANNOUNCEMENT]["params"]
        ),
        (K.PRE_INSPECTION, {"vin": OTHER_VIN}, "F05-VIN", "vin", "maker"),
        (K.PRE_INSPECTION, {"result": "FAILED"}, "F05-FAILED", "result", "maker"),
        (K.PRE_INSPECTION, {"accident": True}, "F05-ACCIDENT", "accident", "maker"),
        (K.PRE_INSPECTION, {"inspected_on": "2026-07-01"}, "F05-DATE", "inspected_on", "maker"),
        (K.INVOICE, {"buyer_blind": "x"}, "F06-BUYER", "buyer", "tax"),
        (K.INVOICE, {"buyer_name_blind": "x"}, "F06-NAME", "buyer_name", "tax"),
        (K.INVOICE, {"vin": OTHER_VIN}, "F06-VIN", "vin", "tax"),
        (K.INVOICE, {"certificate_no": "x"}, "F06-CERTIFICATE", "certificate_no", "tax"),
        (K.INVOICE, {"status": "REVERSED"}, "F06-REVERSED", "status", "tax"),
        (K.INVOICE, {"price_fen": 0}, "F06-PRICE", "price_fen", "tax"),
        (K.INVOICE, {"seller_uscc": "x"}, "F06-SELLER", "seller_uscc", "tax"),
        (K.INVOICE, {"invoice_no": "x"}, "F06-NUMBER", "invoice_no", "tax"),
        (K.INVOICE, {"issued_on": "2026-07-01"}, "F06-DATE", "issued_on", "tax"),
        (K.PURCHASE_TAX, {"status": "UNPAID"}, "F07-UNPAID", "status", "tax"),
        (K.PURCHASE_TAX, {"taxpayer_blind": "x"}, "F07-TAXPAYER", "taxpayer", "tax"),
        (K.PURCHASE_TAX, {"paid_on": "2026-07-01"}, "F07-DATE", "paid_on", "tax"),
        (K.PURCHASE_TAX, {"amount_fen": 0}, "F07-AMOUNT", "amount_fen", "tax"),
        (K.COMPULSORY_INSURANCE, {"status": "CANCELLED"}, "F08-CANCELLED", "status", "insurer"),
        (K.COMPULSORY_INSURANCE, {"insured_blind": "x"}, "F08-INSURED", "insured", "insurer"),
        (K.COMPULSORY_INSURANCE, {"policy_no": "x"}, "F08-NUMBER", "policy_no", "insurer"),
        (K.COMPULSORY_INSURANCE, {"starts_on": "2028-01-01"}, "F08-DATE", "starts_on", "insurer"),
        (K.VESSEL_TAX, {"status": "UNPAID"}, "F09-UNPAID", "status", "tax"),
        (K.VESSEL_TAX, {"year": 2025}, "F09-YEAR", "year", "tax"),
        (K.VEHICLE_STATUS, {"flags": ["K"]}, "F10-SEALED", "flags", "police"),
    ],
)
def test_one_changed_value_is_named_and_nothing_else(kind, differs, code, field, agency):
    result = weighed(fact(kind, **differs))
    assert [(card.code, card.field, card.agency) for card in result.reasons] == [
        (code, field, agency)
    ]


@pytest.mark.parametrize("kind", REQUIRED["new_car"])
def test_a_lost_value_is_named_with_its_agency(kind):
    for name in SAYS[kind]:
        for card in weighed(fact(kind, **{name: None})).reasons:
            assert card.code.startswith(str(kind)), (name, card)
            assert card.field is None or card.field.split("_")[0] in {
                name.split("_")[0],
                "params.length",
            }


def test_the_owner_learns_what_and_where_but_not_the_ground():
    suspect = weighed(fact(K.VEHICLE_STATUS, flags=["J"]))
    (card,) = suspect.reasons
    assert (card.code, card.rule, card.field, card.seen) == (
        "A09-ON-SITE",
        "R164-74",
        "application",
        None,
    )
    held = [each for each in suspect.findings if each.code == "F10-SUSPECT"]
    (told,) = reasons.cards(held, GROUNDS, today=TODAY, profile=profile(), for_staff=True)
    assert (told.code, told.seen) == ("F10-SUSPECT", "J")


def test_no_word_of_suspicion_names_its_ground():
    grounds = {c for c, g in GROUNDS.items() if g.consequence is Consequence.SUSPICIOUS}
    for code in grounds:
        found = [GROUNDS[code].found(seen="x")]
        (card,) = reasons.cards(found, GROUNDS, today=TODAY, profile=profile())
        assert card.code == "A09-ON-SITE"
        assert "x" not in card.values()["seen"]


def test_limits_count_in_the_days_of_their_rule():
    def last(limit: Limit, day: date) -> date:
        return reasons.last_day(limit, day, profile())

    # Acceptance before the holidays of October 2025: 11 October is a Saturday that is worked.
    assert last(Limit.DATA_ERROR, date(2025, 9, 30)) == date(2025, 10, 11)
    assert last(Limit.APPEAL, TODAY) >= date(2026, 8, 9)


def test_a_card_keeps_all_its_parts_when_stored():
    (card,) = weighed(fact(K.INVOICE, buyer_blind="x")).reasons
    kept = card.record()
    assert kept["deadline"] == "2026-06-15"
    assert kept["who_must_act"] == "dealer"
    assert kept["what_fixes_it"] == "reissue_invoice"
    assert kept["seen"] == "370***********0019"


def test_first_registration_is_refused_on_the_grounds_of_the_law_alone():
    judged = ("F03", "F04", "F05", "F06", "F07", "F08", "F09", "F10", "F19", "A07")
    for code, ground in GROUNDS.items():
        if ground.consequence is Consequence.REFUSED and code.startswith(judged):
            # The rest is no refusal of the car but of this way of registering it.
            assert item_of(ground) or ground.remedy == "apply_at_counter" or code == "A07-EXPIRED"


def test_every_ground_of_article_15_can_be_met():
    rules = {item_of(ground) for ground in GROUNDS.values()} - {None}
    assert rules == set(ARTICLE_15)


def test_the_items_met_are_found_with_their_findings():
    result = weighed(
        fact(K.INVOICE, status="REVERSED", buyer_blind="x"), fact(K.VEHICLE_STATUS, flags=["K"])
    )
    assert list(established(result.findings, GROUNDS)) == [1, 2, 8]


def test_flags_that_do_not_bind_this_act_are_left_alone():
    assert set("ADGIQ").isdisjoint(FORBIDS_FIRST_REGISTRATION)


def test_the_lender_is_named_as_the_one_to_act():
    mortgaged = fact(K.MORTGAGE, active=True, lender=LENDER)
    result = weighed(mortgaged, of=case(service="certificate_reissue", entries={"reason": "LOST"}))
    assert codes(result) == ("F14-COSIGN",)
    assert result.reasons[0].who_must_act == "lender"
