"""Refusals: one code each, never shared, and said in both languages."""

import json
import re
from pathlib import Path

import pytest

from chepai.domain import refusals
from chepai.domain.refusals import FieldInvalid, FieldProblem, NotYours, Refusal

_CATALOGUE = Path(refusals.__file__).parent.parent / "catalogue"
PROBLEMS = {
    language: json.loads((_CATALOGUE / language / "problems.json").read_text(encoding="utf-8"))
    for language in ("zh-CN", "en")
}
ALL = [
    each
    for each in vars(refusals).values()
    if isinstance(each, type) and issubclass(each, Refusal) and each is not Refusal
]


@pytest.mark.parametrize("refusal", ALL)
def test_every_refusal_is_said_in_both_languages(refusal):
    assert re.fullmatch(r"VR-\d{3}", refusal.code)
    for said in PROBLEMS.values():
        assert set(said[refusal.code]) == {"title", "detail"}


def test_codes_are_not_shared_but_where_two_must_look_alike():
    codes = [each.code for each in ALL if each is not NotYours]
    assert len(codes) == len(set(codes))


def test_another_persons_application_looks_like_an_unknown_one():
    assert (NotYours.code, NotYours.status) == ("VR-301", 404)


def test_an_unknown_partner_looks_like_a_forged_signature():
    for said in PROBLEMS.values():
        assert said["VR-204"] == said["VR-205"]


def test_all_bad_fields_are_told_at_once():
    refusal = FieldInvalid(FieldProblem("vin", "VIN-CHECK"), FieldProblem("phone", "MOBILE-FORMAT"))
    assert (refusal.field, len(refusal.fields), refusal.status) == ("vin", 2, 422)


def test_both_languages_have_the_same_entries_and_placeholders():
    chinese, english = PROBLEMS["zh-CN"], PROBLEMS["en"]
    assert chinese.keys() == english.keys()
    for code, parts in chinese.items():
        found = [set(re.findall(r"{(\w+)}", str(each))) for each in (parts, english[code])]
        assert found[0] == found[1], code
