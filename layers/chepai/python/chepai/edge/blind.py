"""The keyed blind index: the same text always gives the same 64 hex digits, only with the key.

A plain hash of an ID number can be undone by trying all of them; this one needs the KMS key.
"""

import os
import unicodedata
from functools import lru_cache
from typing import Self

from chepai.records.aws import client

VERSION = "v1"


class Blind:
    """Maps a field's text to its blind index, HMAC-SHA256 under a key that never leaves KMS."""

    def __init__(self, key_arn: str) -> None:
        self.key_arn = key_arn

    @classmethod
    def from_env(cls) -> Self:
        return cls(os.environ["BLIND_KEY_ARN"])

    def __call__(self, field: str, text: str) -> str:
        """`field` separates the spaces ("id", "name", "phone"), so that equal texts differ."""
        normal = unicodedata.normalize("NFKC", text).strip().upper()
        return _mac(self.key_arn, f"{VERSION}|{field}|{normal}")


@lru_cache(maxsize=256)
def _mac(key_arn: str, message: str) -> str:
    made = client("kms").generate_mac(
        KeyId=key_arn, Message=message.encode(), MacAlgorithm="HMAC_SHA_256"
    )
    return bytes(made["Mac"]).hex()
