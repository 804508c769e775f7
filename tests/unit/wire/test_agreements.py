"""The agreements of a city fit what is asked, heard and used; every drift is found."""

import tomllib
from datetime import date

import pytest

from chepai.domain.agreements import EXCEEDED, EXPIRED, MISSING, Agreement, why_not
from infra import agreements
from infra.agreements import FOLDER, STATEMENTS, AgreementsRefused, fields_in_use, load, told_by

TODAY = date(2026, 11, 23)
AGREED = Agreement.of("invoice.asked", {
    "partners": ["tax"], "purpose": "p", "sends": ["vin"], "receives": [], "owner": "o",
    "until": "2026-11-23",
})  # fmt: skip


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """The city's file with one text put in the place of another."""

    def change(was: str, becomes: str) -> str:
        text = (FOLDER / "qingdao.toml").read_text("utf-8")
        assert was in text
        (tmp_path / "qingdao.toml").write_text(text.replace(was, becomes, 1), "utf-8")
        monkeypatch.setattr(agreements, "FOLDER", tmp_path)
        with pytest.raises(AgreementsRefused) as refused:
            load("qingdao")
        return str(refused.value)

    return change


def test_every_citys_agreements_fit():
    cities = [each.stem for each in FOLDER.glob("*.toml")]
    assert cities
    for city in cities:
        assert load(city)


@pytest.mark.parametrize(
    ("partner", "fields", "today", "because"),
    [
        ("tax", {"vin"}, TODAY, None),
        ("tax", {"vin"}, date(2026, 11, 24), EXPIRED),
        ("insurer", {"vin"}, TODAY, MISSING),
        ("tax", {"vin", "name"}, TODAY, EXCEEDED),
    ],
)
def test_what_may_be_asked(partner, fields, today, because):
    assert why_not(AGREED, partner=partner, fields=fields, today=today) == because
    assert why_not(None, partner=partner, fields=fields, today=today) == MISSING


def test_a_question_without_an_agreement_is_found(changed):
    assert "invoice.asked: is asked without an agreement" in changed(
        '["invoice.asked"]', '["invoice.begged"]'
    )


def test_another_field_than_the_message_has_is_found(changed):
    assert "product.asked: sends model" in changed('sends = ["model"]', 'sends = ["model", "vin"]')


def test_a_message_that_nobody_agreed_on_is_found(changed):
    assert "mortgage.state: is heard" in changed('["mortgage.state"]', "[]")


def test_another_kind_of_partner_is_found(changed):
    assert "goes to lender" in changed('partners = ["lender"]', 'partners = ["tax"]')


def test_a_field_that_no_rule_uses_is_found(changed):
    assert "serials: no rule uses it" in changed("serials = ", "papers = ")


def test_every_field_of_every_message_is_used_or_excused():
    kept = tomllib.loads((FOLDER / "qingdao.toml").read_text("utf-8"))["kept_as_evidence"]
    told = {field for model in STATEMENTS.values() for field in told_by(model)}
    assert told - fields_in_use() == kept.keys()
