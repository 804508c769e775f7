"""Questions and notices to partners: identifiers put on the queue, never personal data."""

import json
import os
from dataclasses import dataclass, field
from typing import Any, Self

from chepai.partners.directory import USUAL
from chepai.records.aws import client


@dataclass(frozen=True)
class Question:
    """One message to a partner.

    `kind` is the kind of partner, `partner` names one of several (empty: the usual one); `type`
    is the message type; `refs` are identifiers the message is built from; `request_id` is the
    opaque reference the partner answers with; `message_id` is the same when asked again, so that
    the partner can tell a repetition.
    """

    kind: str
    type: str
    request_id: str
    message_id: str
    application_id: str = ""
    partner: str = ""
    refs: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        return json.dumps(
            {
                "partner": self.partner or USUAL[self.kind],
                "type": self.type,
                "request_id": self.request_id,
                "message_id": self.message_id,
                "application_id": self.application_id,
                "refs": self.refs,
            }
        )


class Questions:
    """The queue that all messages to partners go through."""

    def __init__(self, queue_url: str) -> None:
        self.queue_url = queue_url

    @classmethod
    def from_env(cls) -> Self:
        return cls(os.environ["QUESTIONS_QUEUE_URL"])

    def ask(self, *questions: Question) -> None:
        """Send in batches of ten; raises when a message was not taken, so that the step repeats."""
        for start in range(0, len(questions), 10):
            entries = [
                {"Id": str(n), "MessageBody": each.text()}
                for n, each in enumerate(questions[start : start + 10])
            ]
            answer = client("sqs").send_message_batch(QueueUrl=self.queue_url, Entries=entries)
            if answer.get("Failed"):
                raise ConnectionError("a question was not taken by the queue")
