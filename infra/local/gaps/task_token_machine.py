"""ministack finds no resource in an answer to a task token, so a role that names one is refused.

On AWS `states:SendTask*` is a right to a machine, found by the token. Here a token holds the name
of its machine; one that no machine of ours gave out belongs to none, and only a right to
everything reaches it.
"""

import json
from typing import Any

from ministack.core import iam_actions

from infra.local.gaps.asl_tokens import machine_of
from infra.local.patching import put

_upstream_resource = iam_actions.extract_resource_arn


def _resource(service: str, method: str, path: str, headers: Any, body: bytes, *more: Any) -> str:
    found: str = _upstream_resource(service, method, path, headers, body, *more)
    if service != "states" or found != "*":
        return found
    try:
        token = json.loads(body or b"{}").get("taskToken")
    except (AttributeError, ValueError):
        return found
    return (machine_of(token) if isinstance(token, str) else "") or found


def apply() -> None:
    put(iam_actions, "extract_resource_arn", _resource)
