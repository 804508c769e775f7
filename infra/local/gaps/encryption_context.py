"""ministack leaves a key's encryption context out of what policies may ask for.

A policy that demands `kms:EncryptionContext:person` then refuses everybody, and one that forbids a
context is no protection. Here the context of a request is what its conditions are held against.
"""

import json
from typing import Any

from ministack.core import iam_actions

from infra.local.patching import put

_upstream_context = iam_actions.request_tag_context


def _context(service: str, iam_action: str, body: bytes, params: Any) -> dict[str, Any]:
    found: dict[str, Any] = _upstream_context(service, iam_action, body, params)
    if service != "kms":
        return found
    try:
        named = json.loads(body or b"{}").get("EncryptionContext") or {}
    except (AttributeError, ValueError):
        return found
    spelled = {f"kms:EncryptionContext:{name}": value for name, value in named.items()}
    return found | spelled | ({"kms:EncryptionContextKeys": list(named)} if named else {})


def apply() -> None:
    put(iam_actions, "request_tag_context", _context)
