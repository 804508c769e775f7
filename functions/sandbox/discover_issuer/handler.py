"""Tell where the sandbox identity provider keeps its keys."""

from collections.abc import Mapping
from typing import Any

from chepai_sandbox.http import Answer, entry
from chepai_sandbox.identity import discovery


@entry("GET", "/.well-known/openid-configuration", "Discovery of the issuer")
def handler(event: Mapping[str, Any]) -> Answer:
    return Answer(200, discovery())
