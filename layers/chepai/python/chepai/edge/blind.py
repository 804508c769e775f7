"""The keyed blind index: the same text always gives the same 64 hex digits, only with the key.

A plain hash of an ID number can be undone by trying all of them; this one needs the KMS key.
"""

import os
import unicodedata
from functools import lru_cache
from typing import Self

from chepai.records.aws import client

VERSION = "v1"
DRAWN = frozenset({"pool", "recheck", "review"})
"""What chance is made of: it has a key of its own, so that who finds people deals no numbers."""


class Blind:
    """Maps a field's text to its blind index, HMAC-SHA256 under a key that never leaves KMS."""

    def __init__(self, key_arn: str) -> None:
        self.key_arn = key_arn

    @classmethod
    def from_env(cls) -> Self:
        return cls(os.environ["BLIND_KEY_ARN"])

    def __call__(self, field: str, text: str) -> str:
        """`field` separates the spaces ("id", "name", "phone"), so that equal texts differ."""
        if field in DRAWN:
            raise ValueError(f"{field} is drawn under another key")
        normal = unicodedata.normalize("NFKC", text).strip().upper()
        return _mac(self.key_arn, f"{VERSION}|{field}|{normal}")


class Draws:
    """Secrets that only the key service can make again: of segments, draws and samples.

    Under a key of its own: whoever may look for people by a number can compute none of these.
    """

    def __init__(self, key_arn: str) -> None:
        self.key_arn = key_arn

    @classmethod
    def from_env(cls) -> Self:
        return cls(os.environ["DRAWS_KEY_ARN"])

    def __call__(self, purpose: str, name: str) -> str:
        """64 hex digits for one thing of one purpose of `DRAWN`. Raises ValueError for others."""
        if purpose not in DRAWN:
            raise ValueError(f"{purpose} is nothing that is drawn")
        return _mac(self.key_arn, f"draws|{VERSION}|{purpose}|{name}")


@lru_cache(maxsize=256)
def _mac(key_arn: str, message: str) -> str:
    made = client("kms").generate_mac(
        KeyId=key_arn, Message=message.encode(), MacAlgorithm="HMAC_SHA_256"
    )
    return bytes(made["Mac"]).hex()
