"""Names of people pass unharmed, and two records of one name are seen to agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain import names
from chepai.domain.names import NameFault

LONG = "阿卜杜热合曼·买买提吐尔逊·艾则孜·阿不都克里木·托合提麦麦提江·图尔荪"


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "𠮷野",
        "䶮某",
        "\ue863某",
        "神田",
        "买买提·阿卜杜拉",
        LONG,
        "བསྟན་འཛིན",
        "ئابدۇراخمان",
        "Jean-François O'Neill",
        "李",
    ],
)
def test_any_name_is_kept_as_it_is(name):
    assert names.why_invalid(name) is None
    assert names.normalise(f"  {name} ") == name


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", NameFault.EMPTY),
        ("   ", NameFault.EMPTY),
        ("张" * 201, NameFault.LONG),
        ("张\n三", NameFault.CHARACTERS),
        ("张\x00三", NameFault.CHARACTERS),
        ("\ud800", NameFault.CHARACTERS),
        ("12345", NameFault.CHARACTERS),
        ("···", NameFault.CHARACTERS),
    ],
)
def test_what_cannot_be_a_name(text, fault):
    assert names.why_invalid(text) is fault


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("买买提·阿卜杜拉", "买买提•阿卜杜拉"),
        ("买买提·阿卜杜拉", "买买提・阿卜杜拉"),
        ("买买提·阿卜杜拉", "买买提 ． 阿卜杜拉"),
        ("ZHANG SAN", "Ｚｈａｎｇ  Ｓａｎ"),
        ("\ue863某", "䶮某"),
        ("\ufa19田", "神田"),
        ("葛\U000e0100城", "葛城"),
    ],
)
def test_one_name_written_twice(one, other):
    assert names.same(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("张三", "张三丰"), ("买买提·阿卜", "买买提阿卜"), ("龑某", "䶮某")]
)
def test_two_names(one, other):
    assert not names.same(one, other)


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(text):
    assert names.same(text, text)
    names.why_invalid(text)
    assert names.normalise(names.normalise(text)) == names.normalise(text)
