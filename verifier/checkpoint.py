"""A signed checkpoint: a C2SP signed note over the log's name, size and root."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verifier.words import Digest, Tampered, Unusable, digest_of

ED25519 = b"\x01"  # the signature type's byte in a signed note


@dataclass(frozen=True)
class Key:
    """A public key that the reader trusts."""

    kid: str
    public: bytes

    def is_named(self, name: str, key_id: bytes) -> bool:
        """Whether a signature line speaks of this key."""
        named = hashlib.sha256(name.encode() + b"\n" + ED25519 + self.public).digest()
        return named[:4] == key_id


@dataclass(frozen=True)
class Checkpoint:
    """What one checkpoint says; `digest` is the log's own, as its note names it."""

    origin: str
    size: int
    root: bytes
    digest: Digest
    kid: str


def keys_in(told: Iterable[Mapping[str, Any]]) -> list[Key]:
    """Public keys as they are written down. Raises Unusable."""
    try:
        return [
            Key(str(each["kid"]), b64decode(each["public"], validate=True))
            for each in told
            if each["alg"] == "ed25519"
        ]
    except (KeyError, TypeError, ValueError):
        raise Unusable("the list of public keys cannot be read") from None


def fingerprint(key: Key) -> str:
    """By which a person recognises a key that was read out or printed elsewhere."""
    return b64encode(hashlib.sha256(key.public).digest()[:12]).decode()


def opened(note: str, keys: Iterable[Key], name: str = "the checkpoint") -> Checkpoint:
    """A checkpoint that a trusted key has signed. Raises Tampered, Unusable."""
    text, blank, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) < 3 or not lines[1].isascii() or not lines[1].isdecimal():
        raise Unusable(f"{name} is no checkpoint")
    algorithm = [each.removeprefix("alg ") for each in lines[3:] if each.startswith("alg ")]
    try:
        root = b64decode(lines[2], validate=True)
    except ValueError:
        raise Unusable(f"{name} has no root") from None
    kid = _signer(f"{text}\n".encode(), signatures, list(keys))
    if kid is None:
        raise Tampered(f"{name} (size {lines[1]}) is signed by none of the trusted keys")
    digest = digest_of(algorithm[0] if algorithm else "sha-256")
    return Checkpoint(lines[0], int(lines[1]), root, digest, kid)


def _signer(signed: bytes, signatures: str, keys: list[Key]) -> str | None:
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.rpartition(" ")
        try:
            material = b64decode(encoded, validate=True)
        except ValueError:
            continue
        for key in keys:
            if dash == "\u2014" and key.is_named(name, material[:4]):
                try:
                    Ed25519PublicKey.from_public_bytes(key.public).verify(material[4:], signed)
                except InvalidSignature:
                    continue
                return key.kid
    return None
