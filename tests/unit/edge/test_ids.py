"""Identifiers: sortable by time, unguessable, and the same again where a step is repeated."""

import time

from hypothesis import given
from hypothesis import strategies as st

from chepai.edge.ids import derived_id, new_id

ALPHABET = set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_a_new_one_has_its_prefix_and_26_characters() -> None:
    prefix, _, rest = new_id("app").partition("_")
    assert prefix == "app"
    assert len(rest) == 26
    assert set(rest) <= ALPHABET


def test_new_ones_sort_by_time_and_never_repeat() -> None:
    made = []
    for _ in range(5):
        made.append(new_id("app"))
        time.sleep(0.002)
    assert made == sorted(made)
    assert len({new_id("app") for _ in range(1000)}) == 1000


@given(st.lists(st.text() | st.integers(), min_size=1, max_size=4))
def test_a_derived_one_is_the_same_for_the_same_parts(parts: list[str | int]) -> None:
    assert derived_id("msg", *parts) == derived_id("msg", *parts)
    assert derived_id("msg", *parts) != derived_id("msg", *parts, "more")
    assert len(derived_id("msg", *parts)) == len("msg_") + 26
