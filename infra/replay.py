"""Put dead letters back into their queue: `python -m infra.replay questions --send`.

Without --send it only shows what lies there: types, partners and ids, never contents.
"""

import argparse
import json
import time
from collections.abc import Iterator
from typing import Any

from infra.app import place_from_environment

SHOWN = ("message_id", "partner", "type", "application_id", "request_id")
SEEN_SECONDS = 60


def dead_letters(sqs: Any, queue: str, most: int) -> Iterator[dict[str, Any]]:
    """Up to `most` dead letters, each once; they come back by themselves after a minute."""
    seen: set[str] = set()
    while len(seen) < most:
        answer = sqs.receive_message(
            QueueUrl=queue,
            MaxNumberOfMessages=10,
            VisibilityTimeout=SEEN_SECONDS,
            WaitTimeSeconds=1,
        )
        fresh = [each for each in answer.get("Messages", []) if each["MessageId"] not in seen]
        if not fresh:
            return
        for letter in fresh[: most - len(seen)]:
            seen.add(letter["MessageId"])
            yield letter


def replay(sqs: Any, queue: str, *, send: bool, most: int, per_second: float) -> int:
    """Show dead letters and, if told, send them again; answers how many there were.

    A letter is taken away only after its copy is in the queue: lost power makes two, never none.
    """
    source = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    dead = sqs.get_queue_url(QueueName=f"{queue}-dead")["QueueUrl"]
    count = 0
    for letter in dead_letters(sqs, dead, most):
        words = json.loads(letter["Body"])
        print(json.dumps({name: words[name] for name in SHOWN if name in words}))
        count += 1
        if send:
            sqs.send_message(QueueUrl=source, MessageBody=letter["Body"])
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])
            time.sleep(1 / per_second)
    return count


def main() -> None:
    """The command line."""
    import boto3

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("queue", help="short name of the queue, such as questions")
    parser.add_argument("--send", action="store_true", help="send them, do not only show them")
    parser.add_argument("--most", type=int, default=100, help="at most so many (100)")
    parser.add_argument("--rate", type=float, default=5, help="so many a second (5)")
    asked = parser.parse_args()
    count = replay(
        boto3.client("sqs"),
        place_from_environment().name(asked.queue),
        send=asked.send,
        most=asked.most,
        per_second=asked.rate,
    )
    print(f"{count} {'sent again' if asked.send else 'found; --send sends them again'}")


if __name__ == "__main__":
    main()
