"""Digests by their stored names, with the vectors of their standards."""

import pytest

from chepai.domain.digests import SHA_256, SM3, SUITES, digest_by

VECTORS = [
    # FIPS 180-4.
    (SHA_256, b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    # GM/T 0004-2012, appendix A.
    (SM3, b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (SM3, b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]


@pytest.mark.parametrize(("name", "data", "digest"), VECTORS)
def test_digests_are_those_of_the_standards(name, data, digest):
    assert digest_by(name)(data).hex() == digest


def test_every_suite_has_a_digest():
    assert {digest_by(suite.digest)(b"") for suite in SUITES.values()} != set()


def test_an_unknown_name_is_refused():
    with pytest.raises(LookupError, match="md5"):
        digest_by("md5")
