"""What is shown of people and cars is enough to know one's own again, and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain import masking


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (masking.mask_name, "张三", "*三"),
        (masking.mask_name, "张三丰", "**丰"),
        (masking.mask_name, "买买提·阿卜", "*****卜"),
        (masking.mask_name, "李", "*"),
        (masking.mask_name, "", "*"),
        (masking.mask_id, "370200199003070019", "370***********0019"),
        (masking.mask_id, "E12345678", "*******78"),
        (masking.mask_id, "12345", "*****"),
        (masking.mask_phone, "13800138000", "138****8000"),
        (masking.mask_phone, "123", "***"),
        (masking.mask_vin, "LZWADAGA1SB000123", "***********000123"),
        (masking.mask_vin, "LZWADAGA1", "*********"),
        (masking.mask_plate, "鲁B12345", "鲁B***45"),
        (masking.mask_plate, "鲁BD12345", "鲁B****45"),
        (masking.mask_plate, "鲁B1", "***"),
        (masking.mask_address, "山东省青岛市市南区香港中路1号", "山东省青岛市******"),
        (masking.mask_address, "某路1号", "******"),
    ],
)
def test_the_masked_form(mask, text, shown):
    assert mask(text) == shown


def test_signs_stay_with_their_letter():
    assert masking.mask_name("कखि") == "*खि"


@given(st.text(min_size=2, max_size=40))
def test_most_of_any_text_is_hidden(text):
    for mask in (masking.mask_id, masking.mask_phone, masking.mask_vin, masking.mask_plate):
        assert text not in mask(text) or set(text) == {"*"}
