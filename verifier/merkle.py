"""The hashes of RFC 9162 §2.1: leaves, nodes, the root of a growing log, and its two proofs."""

from verifier.words import Digest, Tampered


def leaf(digest: Digest, data: bytes) -> bytes:
    """The hash of one leaf's bytes."""
    return digest(b"\x00" + data)


def node(digest: Digest, left: bytes, right: bytes) -> bytes:
    """The hash over two hashes."""
    return digest(b"\x01" + left + right)


class Growing:
    """The root of a log, leaf after leaf, holding no more than its right edge."""

    def __init__(self, digest: Digest) -> None:
        self._digest = digest
        self._edge: list[bytes] = []
        self.size = 0

    def add(self, leaf_hash: bytes) -> None:
        """One leaf more."""
        self._edge.append(leaf_hash)
        self.size += 1
        whole = self.size
        while not whole & 1:
            right = self._edge.pop()
            self._edge[-1] = node(self._digest, self._edge[-1], right)
            whole >>= 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._edge:
            return self._digest(b"")
        root = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            root = node(self._digest, left, root)
        return root


def root_of_inclusion(
    digest: Digest, leaf_hash: bytes, index: int, size: int, path: list[bytes]
) -> bytes:
    """The root that a leaf's path leads to (§2.1.3.2). Raises Tampered for a misshapen path."""
    if not 0 <= index < size:
        raise Tampered(f"leaf {index} lies outside a log of {size}")
    at, last, root = index, size - 1, leaf_hash
    for step in path:
        if last == 0:
            raise Tampered(f"the path of leaf {index} is too long")
        if at & 1 or at == last:
            root = node(digest, step, root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = node(digest, root, step)
        at, last = at >> 1, last >> 1
    if last:
        raise Tampered(f"the path of leaf {index} is too short")
    return root


def roots_of_consistency(
    digest: Digest, old: int, new: int, old_root: bytes, path: list[bytes]
) -> tuple[bytes, bytes]:
    """The old and the new root that a path leads to (§2.1.4.2). Raises Tampered likewise."""
    if not 0 < old <= new:
        raise Tampered(f"a log of {new} cannot have grown from one of {old}")
    if old == new:
        return old_root, old_root
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        raise Tampered("the proof of growth is empty")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    was = now = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise Tampered("the proof of growth is too long")
        if at & 1 or at == last:
            was, now = node(digest, step, was), node(digest, step, now)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            now = node(digest, now, step)
        at, last = at >> 1, last >> 1
    if last:
        raise Tampered("the proof of growth is too short")
    return was, now
