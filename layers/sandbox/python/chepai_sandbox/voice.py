"""How a simulated partner speaks: through a queue with delays, and only by the public protocol.

What a partner would rightly say goes in; its script decides when it is said, how often, and what
is wrong with it. The words of the script are in docs/sandbox.md.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chepai.edge.backing_off import backing_off
from chepai.edge.clock import now
from chepai.edge.ids import new_id
from chepai.edge.posting import post
from chepai.edge.webhook_signature import Key, sign
from chepai.partners.directory import HOOKS
from chepai.partners.message import Statement, envelope
from chepai_sandbox.aws import client
from chepai_sandbox.keys import KEYS

LONGEST_DELAY = 900
USUAL_DELAY = 1
STALE_BY = timedelta(hours=1)


class NotTaken(Exception):
    """The office did not take the message; the queue brings it again."""


@dataclass(frozen=True)
class Speaker:
    """One partner in one car's story: who it is, of which kind, and its part of the script."""

    partner: str
    kind: str
    script: Mapping[str, Any]
    made_at: datetime

    def say(
        self, said: Statement, *, at: datetime | None = None, after: float = 0, answer: bool = False
    ) -> None:
        """Say something `after` so many seconds, on top of what the script adds.

        `at` is when it happened; `answer` marks what was asked for and not told unasked.
        """
        if self.script.get("silent"):
            return
        at = at or now()
        due = now() + timedelta(seconds=after + float(self.script.get("delay", USUAL_DELAY)))
        if answer:
            due += timedelta(seconds=float(self.script.get("late", 0)))
        due = max(due, self.made_at + timedelta(seconds=float(self.script.get("silent_for", 0))))
        message = envelope(said.TYPE, at, said)
        message["data"] |= self.script.get("wrong", {}).get(said.TYPE, {})
        speech = {
            "partner": self.partner,
            "hooks": HOOKS[self.kind],
            "message_id": new_id("msg"),
            "message": message,
            "due": due.astimezone(UTC).isoformat(),
            "manner": "true",
        }
        for manner in ("forged", "stale"):
            if self.script.get(manner):
                send(speech | {"manner": manner, "message_id": new_id("msg")})
        for _ in range(2 if self.script.get("twice") else 1):
            send(speech)


def send(speech: Mapping[str, Any]) -> None:
    """Put a speech into the queue; what is due later than a queue can hold comes round again."""
    left = (datetime.fromisoformat(speech["due"]) - now()).total_seconds()
    client("sqs").send_message(
        QueueUrl=os.environ["SANDBOX_SPEECH_QUEUE_URL"],
        MessageBody=json.dumps(speech, ensure_ascii=False),
        DelaySeconds=max(0, min(LONGEST_DELAY, round(left))),
    )


def take(record: Mapping[str, Any]) -> None:
    """Say what a record of the queue holds; what was not taken comes back later and later."""
    with backing_off(client("sqs"), os.environ["SANDBOX_SPEECH_QUEUE_URL"], record):
        speak(json.loads(record["body"]))


def speak(speech: Mapping[str, Any]) -> None:
    """Sign a speech that is due and post it to the office.

    Raises NotTaken when the office is away; what it refuses as wrong is not said again.
    """
    at = now()
    if datetime.fromisoformat(speech["due"]) - at > timedelta(seconds=1):
        send(speech)
        return
    published = KEYS.published()
    body = json.dumps(speech["message"], ensure_ascii=False).encode()
    manner = speech["manner"]
    ring = (
        [_spoilt(key) for key in published.rings[speech["partner"]]]
        if manner == "forged"
        else (published.rings[speech["partner"]])
    )
    signed_at = at - STALE_BY if manner == "stale" else at
    headers = sign(_as_of_now(ring), speech["message_id"], body, now=signed_at)
    url = f"{published.base_url}/hooks/{speech['hooks']}/{speech['partner']}"
    status = post(url, body, headers, private_allowed=True)
    if status >= 500 or status in {404, 429}:
        raise NotTaken(f"status {status}")


def _spoilt(key: Key) -> Key:
    secret = "whsec_" + "A" * 43 + "="
    return Key(key.kid, secret, key.valid_from, key.valid_until, key.use)


def _as_of_now(ring: Any) -> list[Key]:
    # A stale message is signed by a key that was right in its time.
    return [
        Key(key.kid, key.secret, key.valid_from - 2 * STALE_BY, key.valid_until, key.use)
        for key in ring
    ]
