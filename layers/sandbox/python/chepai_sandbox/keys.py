"""What the sandbox was told when its partners were published: addresses and keys, in one secret.

`base_url` is where the office's hooks are; `rings` holds for each partner its own signing key
("out") and the office's key ("in"); `makers` the VIN prefix of each manufacturer.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chepai.edge.clock import now
from chepai.edge.webhook_signature import Key, read_rings
from chepai_sandbox.aws import client

KEPT_FOR = timedelta(seconds=10)


@dataclass(frozen=True)
class Published:
    """The contents of the secret at one moment."""

    base_url: str
    rings: Mapping[str, Sequence[Key]]
    makers: Mapping[str, str]


class Keys:
    """Reads the secret, and again when it may have been published anew."""

    def __init__(self) -> None:
        self._published: Published | None = None
        self._read_at: datetime | None = None

    def published(self) -> Published:
        at = now()
        if self._published is None or self._read_at is None or at - self._read_at > KEPT_FOR:
            kept = client("secretsmanager").get_secret_value(
                SecretId=os.environ["SANDBOX_KEYS_SECRET_ARN"]
            )
            words = json.loads(kept["SecretString"])
            self._published = Published(
                words["base_url"], read_rings(words["rings"]), words.get("makers", {})
            )
            self._read_at = at
        return self._published


KEYS = Keys()
