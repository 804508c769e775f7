"""JSON is read strictly or not at all."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chepai.domain.refusals import BodyMalformed, BodyTooLarge
from chepai.edge.strict_json import LARGEST, read


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"{", b'{"a":1}x', b"\xff", b"\xef\xbb\xbf{}", b"[NaN]", b"[Infinity]", b"[-Infinity]",
        b"[1e999]", b"[9007199254740992]", b'{"a":1,"a":1}', b'{"x":{"a":1,"\\u0061":2}}',
        b'"\\ud800"', b"[1,]", b"{'a':1}", b"[01]", b"[" * 21 + b"]" * 21, b'{"a":' * 30_000,
        b"\x00", b"nul", b'"\n"',
    ],
)  # fmt: skip
def test_what_is_not_plain_json_is_refused(sent):
    with pytest.raises(BodyMalformed):
        read(sent)


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"[", b'{"', b"\\", b'"a', b"[]", b"1,"])
def test_hostile_bytes_cost_no_time(piece):
    started = time.process_time()
    with pytest.raises(BodyMalformed):
        read((b'"' + piece * LARGEST)[: LARGEST - 1])
    assert time.process_time() - started < 1


def test_brackets_in_texts_are_no_depth():
    assert read(b'{"a":"[[[[[[[[[[[[[[[[[[[[[[[[\\"[[["}')
    assert read(b"[" * 20 + b"]" * 20)


def test_more_than_256_kb_is_too_large():
    assert read(b'"' + b"a" * (LARGEST - 2) + b'"')
    with pytest.raises(BodyTooLarge):
        read(b'"' + b"a" * (LARGEST - 1) + b'"')


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(plain)
def test_plain_values_come_back(value):
    try:
        sent = json.dumps(value).encode()
    except UnicodeEncodeError:
        return
    if sent.count(b"\\ud") == 0:
        assert read(sent) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(sent):
    try:
        read(sent)
    except BodyMalformed:
        return
