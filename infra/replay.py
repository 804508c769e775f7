"""Put dead letters back into their queue: `python -m infra.replay questions --send`.

Without --send it only shows what lies there: types, partners and ids, never contents.
"""

import argparse
import json
import time
from itertools import islice
from typing import Any

from chepai.edge.dead_letters import SHOWN, letters_in, send_again
from infra.app import place_from_environment


def replay(sqs: Any, queue: str, *, send: bool, most: int, per_second: float) -> int:
    """Show dead letters and, if told, send them again; answers how many there were.

    A letter is taken away only after its copy is in the queue: lost power makes two, never none.
    """
    source = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    dead = sqs.get_queue_url(QueueName=f"{queue}-dead")["QueueUrl"]
    count = 0
    for letter in islice(letters_in(sqs, dead, most), most):
        words = json.loads(letter["Body"])
        print(json.dumps({name: words[name] for name in SHOWN if name in words}))
        count += 1
        if send:
            send_again(sqs, letter, dead=dead, alive=source)
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
