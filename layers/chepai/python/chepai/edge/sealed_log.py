"""What everybody may ask of the sealed ledger: its newest checkpoint, and that it only grew."""

from typing import Any

from chepai.domain.refusals import FieldInvalid, FieldProblem, NothingSealed, SizeUnknown
from chepai.edge.api import Answer, Call
from chepai.records.seals import NotSealed, Seals


class LogKey(Answer):
    """A public key that signed checkpoints; of Ed25519 the 32 raw bytes, in base64."""

    kid: str
    alg: str
    public: str


class Checkpoint(Answer):
    """The newest checkpoint, a C2SP signed note, what it says, and the keys it is checked with.

    Everything that was written until `sealed_at` is in the log.
    """

    checkpoint: str
    size: int
    root: str
    alg: str
    sealed_at: str | None = None
    keys: list[LogKey]


class Consistency(Answer):
    """That the log of `old` entries is the beginning of that of `new`: hashes in hex (RFC 9162)."""

    old: int
    new: int
    alg: str
    path: list[str]


def newest(seals: Seals) -> Checkpoint:
    """Raises NothingSealed."""
    head = seals.head()
    if head is None or not head.note:
        raise NothingSealed
    return Checkpoint(
        checkpoint=head.note,
        size=head.size,
        root=head.root,
        alg=head.alg,
        sealed_at=head.sealed_at or None,
        keys=[LogKey(**each) for each in head.keys],
    )


def consistency(seals: Seals, call: Call[Any]) -> Consistency:
    """Raises FieldInvalid, NothingSealed, SizeUnknown."""
    head = seals.head()
    if head is None or not head.note:
        raise NothingSealed
    old, new = _size(call, "from"), _size(call, "to", head.size)
    try:
        path = seals.consistency(old, new)
    except NotSealed:
        raise SizeUnknown from None
    return Consistency(old=old, new=new, alg=head.alg, path=path)


def _size(call: Call[Any], name: str, otherwise: int | None = None) -> int:
    text = call.query.get(name, "")
    if not text and otherwise is not None:
        return otherwise
    # Only ASCII digits are a number here, and none is larger than the log's own.
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST):
        raise FieldInvalid(FieldProblem(name, "int"))
    return int(text)


LONGEST = 12
"""Digits in the size of a log."""
