"""ministack asks a right of its own for a batch of messages; on AWS it is that to one message.

IAM knows no `sqs:SendMessageBatch`: who may send may send ten at once. Upstream a role that spells
the right which exists is refused every batch.
"""

from typing import Any

from ministack.core import iam_actions

from infra.local.patching import put

_RIGHTS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}

_upstream_action = iam_actions.extract_iam_action


def _action(*request: Any) -> str | None:
    found: str | None = _upstream_action(*request)
    return _RIGHTS.get(found, found) if found else found


def apply() -> None:
    put(iam_actions, "extract_iam_action", _action)
