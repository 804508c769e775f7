"""Signatures of the office's own: made by a key that never leaves the key service.

The algorithm is that of the key itself, so a stage changes its suite by changing its key.
"""

import os
from base64 import b64encode
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from typing import Any, Self

from chepai.domain.digests import ED25519, SM2
from chepai.records.aws import client

# What the key service calls an algorithm; both sign the message itself, not a digest of it.
_CALLED = {ED25519: "ED25519_SHA_512", SM2: "SM2DSA"}
_SPECS = {"ECC_NIST_EDWARDS25519": ED25519, "SM2": SM2}
_RAW_BYTES = 32
"""An Ed25519 key is the end of its DER form."""


@dataclass(frozen=True)
class Signer:
    """One key of the key service."""

    key: str

    @classmethod
    def from_env(cls, name: str) -> Self:
        """The key that a function was granted under a name."""
        return cls(os.environ[f"{name.upper()}_KEY_ARN"])

    @property
    def algorithm(self) -> str:
        """The stored id of the key's algorithm. Raises LookupError for a key of another kind."""
        return _SPECS[_public(self.key)["KeySpec"]]

    @cached_property
    def public(self) -> bytes:
        """The public key: 32 raw bytes of Ed25519, the DER form of any other."""
        der = bytes(_public(self.key)["PublicKey"])
        return der[-_RAW_BYTES:] if self.algorithm == ED25519 else der

    @property
    def kid(self) -> str:
        """The name of the key in what it signed: it changes when the key does."""
        return sha256(self.public).hexdigest()[:16]

    def sign(self, message: bytes) -> bytes:
        """The signature over a message of at most 4096 bytes."""
        made = client("kms").sign(
            KeyId=self.key,
            Message=message,
            MessageType="RAW",
            SigningAlgorithm=_CALLED[self.algorithm],
        )
        return bytes(made["Signature"])

    def told(self) -> dict[str, str]:
        """The public key as checkpoints and bundles name it."""
        return {
            "kid": self.kid,
            "alg": self.algorithm,
            "public": b64encode(self.public).decode(),
        }


@cache
def _public(key: str) -> dict[str, Any]:
    return dict(client("kms").get_public_key(KeyId=key))
