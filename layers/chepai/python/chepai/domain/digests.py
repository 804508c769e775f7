"""The two suites of algorithms, and digests by the name that is stored beside each.

`intl` is SHA-256 with Ed25519, `sm` is SM3 with SM2 (GM/T 0004, GM/T 0003). A digest or signature
is read by the algorithm that was stored with it, never by the suite of today.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import NamedTuple, TypeAlias

Digest: TypeAlias = Callable[[bytes], bytes]
"""Bytes to a digest of 32 bytes."""

SHA_256, SM3 = "sha-256", "sm3"
ED25519, SM2 = "ed25519", "sm2"


class Suite(NamedTuple):
    """The algorithms that new records get."""

    digest: str
    signature: str


SUITES: Mapping[str, Suite] = {"intl": Suite(SHA_256, ED25519), "sm": Suite(SM3, SM2)}
INTL = "intl"


def _sha_256(data: bytes) -> bytes:
    return sha256(data).digest()


def _sm3(data: bytes) -> bytes:
    # Loaded when it is needed: hashlib has it only where its OpenSSL does.
    from cryptography.hazmat.primitives import hashes

    made = hashes.Hash(hashes.SM3())
    made.update(data)
    return made.finalize()


_DIGESTS: Mapping[str, Digest] = {SHA_256: _sha_256, SM3: _sm3}


def digest_by(algorithm: str) -> Digest:
    """The digest of a stored algorithm id. Raises LookupError for one that is none of ours."""
    if algorithm not in _DIGESTS:
        raise LookupError(f"no digest is called {algorithm!r}")
    return _DIGESTS[algorithm]
