"""A checkpoint of the log: a C2SP signed note over its name, its size and its root."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from chepai.domain.digests import ED25519

_TYPES = {ED25519: b"\x01"}
# Signature types without a number of their own are 0xff and a name (C2SP signed-note).
_OTHER = b"\xff"


class Checkpoint(NamedTuple):
    """What the log was at one size; `alg` names the digest of its tree."""

    origin: str
    size: int
    root: bytes
    alg: str

    def text(self) -> str:
        """What is signed, its last line break included."""
        root = b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\nalg {self.alg}\n"


def origin_of(stage: str, city: str) -> str:
    """The name of a city's log, for ever."""
    return f"chepai-{stage}-{city}/ledger"


def key_id(origin: str, algorithm: str, public: bytes) -> bytes:
    """The four bytes by which a signature line names its key."""
    kind = _TYPES.get(algorithm, _OTHER + algorithm.encode())
    return sha256(origin.encode() + b"\n" + kind + public).digest()[:4]


def signed(
    checkpoint: Checkpoint, *, algorithm: str, public: bytes, sign: Callable[[bytes], bytes]
) -> str:
    """The note with its signature line; `sign` signs the bytes of the text as they are."""
    text = checkpoint.text()
    material = key_id(checkpoint.origin, algorithm, public) + sign(text.encode())
    return f"{text}\n\u2014 {checkpoint.origin} {b64encode(material).decode()}\n"


def read(note: str) -> Checkpoint:
    """What a note says; its signature is not looked at. Raises ValueError."""
    text, blank, _ = note.partition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) < 4 or not lines[3].startswith("alg "):
        raise ValueError("this is no checkpoint of ours")
    return Checkpoint(lines[0], int(lines[1]), b64decode(lines[2]), lines[3][4:])
