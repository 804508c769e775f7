"""ministack sees plain HTTP where AWS would see TLS, so every "TLS only" policy refuses everybody.

With roles enforced, queues and buckets that deny `aws:SecureTransport = false` could not be used at
all. Nothing here leaves the machine: a request over the loopback counts as secure.
"""

from typing import Any

from ministack.core import iam_evaluator

from infra.local.patching import put

_upstream_resolve = iam_evaluator._resolve_condition_key


def _resolve(key: str, context: Any) -> Any:
    return "true" if key.lower() == "aws:securetransport" else _upstream_resolve(key, context)


def apply() -> None:
    put(iam_evaluator, "_resolve_condition_key", _resolve)
