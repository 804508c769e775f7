"""Answers to states that wait: said once, and harmless when nobody waits any more."""

import json

from botocore.exceptions import ClientError

from chepai.records.aws import client

# AWS says the first for a late answer, the emulator the second: either way nobody waits.
_NOBODY_WAITS = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


def answer(token: str, outcome: str) -> bool:
    """Tell a waiting state the outcome; False when it no longer waits."""
    return _send("send_task_success", taskToken=token, output=json.dumps({"outcome": outcome}))


def fail(token: str, error: str) -> bool:
    """Tell a waiting state the name of what ends its wait; False when it no longer waits."""
    return _send("send_task_failure", taskToken=token, error=error, cause=error)


def _send(verb: str, **what: str) -> bool:
    try:
        getattr(client("stepfunctions"), verb)(**what)
    except ClientError as error:
        if error.response["Error"]["Code"] in _NOBODY_WAITS:
            return False
        raise
    return True
