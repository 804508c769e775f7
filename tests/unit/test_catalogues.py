"""Both languages say the same things, with the same blanks to fill."""

import json
import re
from pathlib import Path

import pytest

CATALOGUE = Path(__file__).parents[2] / "layers" / "chepai" / "python" / "chepai" / "catalogue"
AREAS = sorted(each.stem for each in (CATALOGUE / "zh-CN").glob("*.json"))


def texts(language: str, area: str) -> dict[str, dict[str, str]]:
    def once(pairs):
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"{area} ({language}) says one thing twice"
        return dict(pairs)

    path = CATALOGUE / language / f"{area}.json"
    said: dict[str, dict[str, str]] = json.loads(
        path.read_text(encoding="utf-8"), object_pairs_hook=once
    )
    return said


def blanks(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_both_languages_have_the_same_areas():
    assert sorted(each.stem for each in (CATALOGUE / "en").glob("*.json")) == AREAS


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_have_the_same_codes_parts_and_blanks(area):
    chinese, english = texts("zh-CN", area), texts("en", area)
    assert chinese.keys() == english.keys()
    for code, parts in chinese.items():
        assert parts.keys() == english[code].keys(), code
        for part, text in parts.items():
            assert text.strip(), (code, part)
            assert english[code][part].strip(), (code, part)
            assert blanks(text) == blanks(english[code][part]), (code, part)


@pytest.mark.parametrize("area", AREAS)
def test_chinese_is_chinese_and_english_is_english(area):
    for code, parts in texts("en", area).items():
        for part, text in parts.items():
            assert not re.search(r"[，。；：？！]", text), (code, part)
    for code, parts in texts("zh-CN", area).items():
        assert re.search(r"[\u4e00-\u9fff]", "".join(parts.values())), code


def test_every_refusal_has_its_words():
    from chepai.domain import refusals

    codes = {
        each.code
        for each in vars(refusals).values()
        if isinstance(each, type) and issubclass(each, refusals.Refusal) and hasattr(each, "code")
    }
    assert codes <= texts("en", "problems").keys()
