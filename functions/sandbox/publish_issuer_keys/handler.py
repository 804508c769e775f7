"""Publish the public key that the sandbox's tokens are signed with."""

from collections.abc import Mapping
from typing import Any

from chepai_sandbox.http import Answer, entry
from chepai_sandbox.identity import jwks


@entry("GET", "/sandbox/identity/jwks", "Public keys of the issuer")
def handler(event: Mapping[str, Any]) -> Answer:
    return Answer(200, jwks())
