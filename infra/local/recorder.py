"""Notes every call that a function makes to AWS, without the function knowing of it.

Part of the fork server, and like it on its own: it imports nothing of the project. A line of JSON
a call, appended to one file by all workers: the function, the service by the name that policies
use, the operation and what it was asked to touch. Values never, names of resources only.
"""

import json
import os
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

_NAMES = (
    "TableName", "IndexName", "QueueUrl", "KeyId", "SecretId", "stateMachineArn", "executionArn",
    "Bucket", "FunctionName", "StreamArn",
)  # fmt: skip


# Whose calls are noted where one process plays several functions.
WHO = "CHEPAI_RECORDED_FUNCTION"


def resources(asked: dict[str, Any]) -> list[dict[str, str]]:
    """What a call names, one part a thing; a part of a transaction also says what it does."""
    if "TransactItems" in asked:
        return [
            {"does": does, "TableName": what["TableName"]}
            for item in asked["TransactItems"]
            for does, what in item.items()
        ]
    if "RequestItems" in asked:
        return [{"TableName": table} for table in asked["RequestItems"]]
    named = {name: str(asked[name]) for name in _NAMES if asked.get(name)}
    if "taskToken" in asked:
        # Here a token begins with the name of the machine that gave it out.
        head, dot, _ = asked["taskToken"].partition(".")
        named["stateMachineArn"] = urlsafe_b64decode(head).decode() if dot else ""
    return [named]


def install(file: Path) -> None:
    """From now on every session made in this process, or in one forked from it, notes its calls."""
    from botocore import handlers

    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        line = {
            "function": os.environ.get(WHO, os.environ.get("POWERTOOLS_SERVICE_NAME", "")),
            "service": model.service_model.signing_name,
            "operation": model.name,
            "on": resources(params),
        }
        # One write a line: workers append to one file, and lines are short.
        os.write(descriptor, json.dumps(line).encode() + b"\n")

    handlers.BUILTIN_HANDLERS.append(("provide-client-params", note))
