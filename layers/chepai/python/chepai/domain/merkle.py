"""A growing Merkle log (RFC 9162 §2.1): roots, inclusion and consistency, by any digest.

Perfect subtrees are named by their level (a leaf is level 0) and their index from the left.
Proofs are put together from these alone, so that a log of n leaves needs O(log n) of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from chepai.domain.digests import Digest

Node: TypeAlias = Callable[[int, int], bytes]
"""(level, index) → the hash of that perfect subtree."""


def leaf_hash(digest: Digest, data: bytes) -> bytes:
    return digest(b"\x00" + data)


def node_hash(digest: Digest, left: bytes, right: bytes) -> bytes:
    return digest(b"\x01" + left + right)


@dataclass
class Frontier:
    """The perfect subtrees that a log of `size` leaves consists of, the largest first."""

    digest: Digest
    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        """Take one more leaf hash."""
        hashed, nth = leaf, self.size
        while nth & 1:
            hashed = node_hash(self.digest, self.hashes.pop(), hashed)
            nth >>= 1
        self.hashes.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """The root; of an empty log it is the digest of nothing."""
        return _joined(self.digest, self.hashes) if self.hashes else self.digest(b"")


def subtrees(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The perfect subtrees, left to right, of leaves `begin` to `end`, a range of the log's own.

    A range is the log's own when the tree over it is a subtree of the log: it starts at a
    multiple of the largest power of two that it has room for.
    """
    while begin < end:
        level = (end - begin).bit_length() - 1
        if begin:
            level = min(level, (begin & -begin).bit_length() - 1)
        yield level, begin >> level
        begin += 1 << level


def root_at(digest: Digest, size: int, node: Node) -> bytes:
    """The root of the log when it had `size` leaves."""
    return _range(digest, 0, size, node) if size else digest(b"")


def inclusion(digest: Digest, index: int, size: int, node: Node) -> list[bytes]:
    """The path from leaf `index` to the root of `size` leaves, from the leaf upwards.

    Raises ValueError when the log of that size has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a log of {size}")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_range(digest, middle, end, node))
            end = middle
        else:
            path.append(_range(digest, begin, middle, node))
            begin = middle
    return path[::-1]


def consistency(digest: Digest, old: int, new: int, node: Node) -> list[bytes]:
    """The proof that a log of `old` leaves is the beginning of one of `new` (RFC 9162 §2.1.4.1).

    Raises ValueError unless 0 < old <= new; of equal sizes the proof is empty.
    """
    if not 0 < old <= new:
        raise ValueError(f"no proof leads from {old} to {new}")
    path: list[bytes] = []
    begin, end, whole = 0, new, True
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_range(digest, middle, end, node))
            end = middle
        else:
            path.append(_range(digest, begin, middle, node))
            begin, whole = middle, False
    if not whole:
        path.append(_range(digest, begin, end, node))
    return path[::-1]


def included(
    digest: Digest, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether a path leads from a leaf hash to a root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, hashed = index, size - 1, leaf
    for step in path:
        if not last:
            return False
        if place & 1 or place == last:
            hashed = node_hash(digest, step, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = node_hash(digest, hashed, step)
        place, last = place >> 1, last >> 1
    return not last and hashed == root


def consistent(
    digest: Digest, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether a proof leads from the root of `old` leaves to that of `new` (RFC 9162 §2.1.4.2)."""
    if old == new:
        return not path and old_root == new_root
    if not 0 < old < new:
        return False
    steps = list(path)
    if not old & (old - 1):
        steps.insert(0, old_root)
    if not steps:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if not last:
            return False
        if place & 1 or place == last:
            first, second = node_hash(digest, step, first), node_hash(digest, step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(digest, second, step)
        place, last = place >> 1, last >> 1
    return not last and first == old_root and second == new_root


def _range(digest: Digest, begin: int, end: int, node: Node) -> bytes:
    return _joined(digest, [node(level, index) for level, index in subtrees(begin, end)])


def _joined(digest: Digest, hashes: Sequence[bytes]) -> bytes:
    joined = hashes[-1]
    for left in reversed(hashes[:-1]):
        joined = node_hash(digest, left, joined)
    return joined


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)
