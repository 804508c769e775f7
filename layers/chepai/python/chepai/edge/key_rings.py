"""The key rings of one kind of partner, from its secret, read again soon enough for a rotation."""

import json
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from chepai.edge.webhook_signature import Key, read_rings
from chepai.records.aws import client

# A killed key is refused after this time at the latest.
KEPT_FOR = timedelta(seconds=30)
# An unknown key may be a new one, but forgers must not make us read the secret for each try.
NOT_BEFORE = timedelta(seconds=3)


class KeyRings:
    """Rings by partner id, kept for half a minute in the container."""

    def __init__(self, secret_arn: str) -> None:
        self._secret_arn = secret_arn
        self._rings: dict[str, list[Key]] = {}
        self._read_at: datetime | None = None

    @classmethod
    def from_env(cls, kind: str) -> Self:
        """`kind` as in the secret's name: keys-<kind>."""
        return cls(os.environ[f"KEYS_{kind.upper()}_SECRET_ARN"])

    def of(self, partner: str, now: datetime) -> Sequence[Key]:
        """The ring of a partner; empty when it has none."""
        if self._read_at is None or now - self._read_at > KEPT_FOR:
            self._read(now)
        return self._rings.get(partner, [])

    def look_again(self, now: datetime) -> bool:
        """Read the secret anew unless that was done just now; whether it was read."""
        if self._read_at is not None and now - self._read_at < NOT_BEFORE:
            return False
        self._read(now)
        return True

    def _read(self, now: datetime) -> None:
        kept = client("secretsmanager").get_secret_value(SecretId=self._secret_arn)
        self._rings = read_rings(json.loads(kept["SecretString"]))
        self._read_at = now
