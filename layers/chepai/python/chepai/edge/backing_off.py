"""Let a failed message of a queue come back soon at first, and ever later after that."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

FIRST_SECONDS = 4
LONGEST_SECONDS = 900


@contextmanager
def backing_off(sqs: Any, queue_url: str, record: Mapping[str, Any]) -> Iterator[None]:
    """Around the work on one record of a queue: a failure is raised, and repeated in a while.

    Without it a failed message is out of sight for the queue's whole visibility timeout.
    """
    try:
        yield
    except Exception:
        sqs.change_message_visibility(
            QueueUrl=queue_url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=_seconds(int(record["attributes"]["ApproximateReceiveCount"])),
        )
        raise


def _seconds(received: int) -> int:
    most: int = min(LONGEST_SECONDS, FIRST_SECONDS << min(received, 10))
    # Half of it by chance, so that many questions to a recovering partner do not come at once.
    return most // 2 + secrets.randbelow(most // 2 + 1)
