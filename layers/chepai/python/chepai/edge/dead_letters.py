"""Dead letters: what was tried too often, which cases it is about, and sending it again.

Looking takes nothing away: a letter that was read lies there again at once. Sending again puts a
copy into the queue before the letter is taken away: lost power makes two, never none, and whoever
gets one twice knows it by its number.
"""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chepai.domain.refusals import QueueUnknown
from chepai.edge.api import Answer, Body, Call
from chepai.edge.disclosing import Disclosing, reader
from chepai.edge.observing import tell
from chepai.edge.referring import Reference
from chepai.edge.texts import say_in_both
from chepai.edge.views import Texts
from chepai.records.applications import Applications, stamp
from chepai.records.aws import client
from chepai.records.ledger import Ledger
from chepai.records.ledger import entry as entry_of
from chepai.records.table import ConditionFailed, TryAgain

QUEUES: Mapping[str, bool] = {"questions": True, "events": False}
"""The queues that have dead letters, and whether these may be sent again."""
SHOWN = ("message_id", "partner", "type", "application_id", "request_id")
"""What of a message is told: whom it is for, what it is, and which case; never contents."""
MOST = 50
SEEN_SECONDS = 30
"""How long a letter that somebody looks at is out of everybody else's sight."""
_AT_ONCE = 10
_CASE = ("case",)
_SEARCHED = 500
_TRIES = 8


class DeadLetter(Answer):
    """One message or call that was given up; `since` is when it was first sent.

    `what` is the type of message, or the function whose call was lost; `application_id` is left
    out where the caller may not know of the case.
    """

    letter_id: str
    what: str
    since: str
    tries: int
    partner: str | None = None
    message_id: str | None = None
    request_id: str | None = None
    application_id: str | None = None


class DeadQueue(Answer):
    """The dead letters of one queue: about how many there are, and the first of them."""

    queue: str
    text: Texts
    replayable: bool
    about: int
    letters: list[DeadLetter]


class DeadLetterQueues(Answer):
    """All queues, and the cases that their letters are about."""

    queues: list[DeadQueue]
    applications: list[str]


class LettersSentAgain(Body):
    """Which letters to send again, and why; the reason stands in the ledger.

    `reference` is the number of an incident or a paper where there is one.
    """

    letters: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]],
        Field(min_length=1, max_length=MOST),
    ]
    reason: Literal["partner_back", "fault_mended", "trouble_passed"]
    reference: Reference | None = None


class SentAgain(Answer):
    """The letters that are in their queue again, and those that were not there any more."""

    queue: str
    sent: list[str]
    gone: list[str]


def letters_in(sqs: Any, url: str, most: int) -> Iterator[dict[str, Any]]:
    """Up to `most` dead letters, each once; whoever does not put them back finds them later."""
    seen: set[str] = set()
    while len(seen) < most:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=_AT_ONCE,
            VisibilityTimeout=SEEN_SECONDS,
            AttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            WaitTimeSeconds=0 if seen else 1,
        )
        fresh = [each for each in answer.get("Messages", []) if each["MessageId"] not in seen]
        if not fresh:
            return
        for letter in fresh:
            seen.add(letter["MessageId"])
            yield letter


def send_again(sqs: Any, letter: Mapping[str, Any], *, dead: str, alive: str) -> None:
    """Put a copy of a dead letter into its queue, then take the letter away."""
    sqs.send_message(QueueUrl=alive, MessageBody=letter["Body"])
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])


@dataclass(frozen=True)
class DeadLetters:
    """The adapters that looking at dead letters takes."""

    applications: Applications
    disclosing: Disclosing

    @classmethod
    def from_env(cls) -> Self:
        return cls(Applications.from_env().for_views(), Disclosing())

    def shown(self, call: Call[Any]) -> DeadLetterQueues:
        """Every queue; each case named is in the book of accesses before it is answered."""
        queues = [self._queue(name, again) for name, again in QUEUES.items()]
        named = {each.application_id for queue in queues for each in queue.letters}
        found = self.applications.read_many(sorted(each for each in named if each))
        seen = {each.application_id for each in self.disclosing.listed(call, found, _CASE)}
        return DeadLetterQueues(
            queues=[
                queue.model_copy(update={"letters": [_known(e, seen) for e in queue.letters]})
                for queue in queues
            ],
            applications=sorted(seen),
        )

    def _queue(self, name: str, again: bool) -> DeadQueue:
        sqs, url = client("sqs"), _dead(name)
        # All of them first: one that is put back meanwhile would be found again.
        found = list(letters_in(sqs, url, MOST))
        for each in found:
            _put_back(sqs, url, each)
        letters = [_letter(each) for each in found]
        asked = sqs.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=["ApproximateNumberOfMessages"],
        )
        about = int(asked["Attributes"]["ApproximateNumberOfMessages"])
        return DeadQueue(
            queue=name,
            text=say_in_both("figures", f"queue.{name}"),
            replayable=again,
            about=max(about, len(letters)),
            letters=sorted(letters, key=lambda one: one.since),
        )


@dataclass(frozen=True)
class Replaying:
    """The adapters that sending again takes."""

    ledger: Ledger

    @classmethod
    def from_env(cls) -> Self:
        return cls(Ledger.from_env())

    def again(self, call: Call[LettersSentAgain]) -> SentAgain:
        """Send some letters again, after it is in the ledger who does and why.

        Raises QueueUnknown for a queue whose letters are not sent again.
        """
        name, wanted = call.path["queue"], set(call.body.letters)
        if not QUEUES.get(name):
            raise QueueUnknown
        self._enter(call, name)
        sqs, dead = client("sqs"), _dead(name)
        alive, sent = os.environ[f"{name.upper()}_QUEUE_URL"], []
        for letter in list(letters_in(sqs, dead, _SEARCHED)):
            if letter["MessageId"] in wanted:
                send_again(sqs, letter, dead=dead, alive=alive)
                sent.append(letter["MessageId"])
                tell("sent again", queue=name, message_id=letter["MessageId"])
            else:
                _put_back(sqs, dead, letter)
        return SentAgain(queue=name, sent=sorted(sent), gone=sorted(wanted - set(sent)))

    def _enter(self, call: Call[LettersSentAgain], name: str) -> None:
        asked, chain = call.body, f"staff#{call.caller.id}"
        for _ in range(_TRIES):
            seq, prev = self.ledger.head(chain)
            entry = entry_of(
                chain=chain,
                seq=seq + 1,
                prev=prev,
                at=stamp(datetime.now(UTC)),
                actor=reader(call),
                act="letters_sent_again",
                after={"queue": name, **asked.model_dump(exclude_none=True)},
            )
            try:
                self.ledger.append(entry)
            except ConditionFailed:
                continue
            return
        raise TryAgain


def _dead(name: str) -> str:
    return os.environ[f"{name.upper()}_DEAD_QUEUE_URL"]


def _put_back(sqs: Any, url: str, letter: Mapping[str, Any]) -> None:
    sqs.change_message_visibility(
        QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"], VisibilityTimeout=0
    )


def _letter(message: Mapping[str, Any]) -> DeadLetter:
    words, told = _words(message["Body"]), message.get("Attributes", {})
    first = int(told.get("SentTimestamp", 0)) / 1000
    return DeadLetter(
        letter_id=message["MessageId"],
        what=str(words.get("type") or _function(words) or "-"),
        since=stamp(datetime.fromtimestamp(first, UTC)),
        tries=int(told.get("ApproximateReceiveCount", 0)),
        **{name: _text(words, name) for name in SHOWN if name != "type"},
    )


def _words(body: str) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, Mapping) else {}


def _function(words: Mapping[str, Any]) -> str:
    """The function whose call was lost, as the provider tells of it."""
    context = words.get("requestContext")
    arn = str(context.get("functionArn", "")) if isinstance(context, Mapping) else ""
    return next((part for part in reversed(arn.split(":")) if part and part != "$LATEST"), "")


def _text(words: Mapping[str, Any], name: str) -> str | None:
    value = words.get(name)
    return value if isinstance(value, str) and value else None


def _known(letter: DeadLetter, seen: Collection[str]) -> DeadLetter:
    """The letter as somebody reads it who may know of these cases."""
    if letter.application_id in seen:
        return letter
    return letter.model_copy(update={"application_id": None})
