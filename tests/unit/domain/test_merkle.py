"""The growing log against the published vectors and against the RFC's own recursion."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chepai.domain.digests import SHA_256, SM3, digest_by
from chepai.domain.merkle import (
    Frontier,
    consistency,
    consistent,
    included,
    inclusion,
    leaf_hash,
    node_hash,
    root_at,
    subtrees,
)

SHA = digest_by(SHA_256)
# The leaves and roots with which certificate transparency logs are tested.
LEAVES = [
    bytes.fromhex(each)
    for each in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def rfc_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, word by word."""
    if len(leaves) < 2:
        return leaf_hash(SHA, leaves[0]) if leaves else SHA(b"")
    k = _split(len(leaves))
    return node_hash(SHA, rfc_root(leaves[:k]), rfc_root(leaves[k:]))


def rfc_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162 §2.1.3.1, word by word."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if m < k:
        return [*rfc_path(m, leaves[:k]), rfc_root(leaves[k:])]
    return [*rfc_path(m - k, leaves[k:]), rfc_root(leaves[:k])]


def rfc_subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162 §2.1.4.1, word by word."""
    if m == len(leaves):
        return [] if whole else [rfc_root(leaves)]
    k = _split(len(leaves))
    if m <= k:
        return [*rfc_subproof(m, leaves[:k], whole), rfc_root(leaves[k:])]
    return [*rfc_subproof(m - k, leaves[k:], False), rfc_root(leaves[:k])]


def _split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def nodes(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    return lambda level, index: rfc_root(leaves[index << level : (index + 1) << level])


def some(n: int) -> list[bytes]:
    return [str(each).encode() for each in range(n)]


def test_roots_are_those_of_the_published_vectors():
    frontier = Frontier(SHA)
    assert frontier.root().hex() == ROOTS[0]
    for size, data in enumerate(LEAVES, start=1):
        frontier.add(leaf_hash(SHA, data))
        assert frontier.root().hex() == ROOTS[size], size
        assert root_at(SHA, size, nodes(LEAVES)).hex() == ROOTS[size]


@given(st.integers(1, 70), st.data())
@settings(max_examples=120, deadline=None)
def test_proofs_are_those_of_the_rfc_and_hold(size: int, data: st.DataObject) -> None:
    leaves = some(size)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    path = inclusion(SHA, index, size, nodes(leaves))
    assert path == rfc_path(index, leaves)
    assert included(SHA, leaf_hash(SHA, leaves[index]), index, size, path, rfc_root(leaves))
    proof = consistency(SHA, old, size, nodes(leaves))
    assert proof == rfc_subproof(old, leaves, True)
    assert consistent(SHA, old, size, rfc_root(leaves[:old]), rfc_root(leaves), proof)


@given(st.integers(2, 60), st.data())
@settings(max_examples=150, deadline=None)
def test_a_proof_that_was_touched_leads_nowhere(size: int, data: st.DataObject) -> None:
    leaves = some(size)
    index = data.draw(st.integers(0, size - 1))
    leaf, root = leaf_hash(SHA, leaves[index]), rfc_root(leaves)
    path = inclusion(SHA, index, size, nodes(leaves))
    place = data.draw(st.integers(0, len(path) - 1))
    bit = bytes([path[place][0] ^ 1]) + path[place][1:]
    for wrong in ([*path[:place], bit, *path[place + 1 :]], path[:-1], [*path, leaf]):
        assert not included(SHA, leaf, index, size, wrong, root)
    assert not included(SHA, leaf_hash(SHA, b"another"), index, size, path, root)
    assert not included(SHA, leaf, size, size, path, root)
    old = data.draw(st.integers(1, size - 1))
    proof, old_root = consistency(SHA, old, size, nodes(leaves)), rfc_root(leaves[:old])
    assert not consistent(SHA, old, size, old_root, root, proof[:-1])
    assert not consistent(SHA, old, size, root, old_root, proof)
    assert not consistent(SHA, old, size, old_root, root, [SHA(b"other"), *proof[1:]])


@given(st.integers(0, 5000))
def test_a_log_is_made_of_few_subtrees(size: int) -> None:
    parts = list(subtrees(0, size))
    assert sum(1 << level for level, _ in parts) == size
    assert len(parts) == size.bit_count()


def test_what_is_not_in_the_log_has_no_proof():
    with pytest.raises(ValueError, match="not in a log"):
        inclusion(SHA, 5, 5, nodes(some(5)))
    for old, new in ((0, 5), (6, 5)):
        with pytest.raises(ValueError, match="no proof"):
            consistency(SHA, old, new, nodes(some(5)))
    assert consistency(SHA, 5, 5, nodes(some(5))) == []


def test_the_log_grows_by_any_digest():
    national, frontier = digest_by(SM3), Frontier(digest_by(SM3))
    for data in LEAVES:
        frontier.add(leaf_hash(national, data))
    assert frontier.root().hex() not in ROOTS
    assert len(frontier.root()) == 32
