"""Ask a partner: look up where, take a turn, add what the question needs, sign, send.

What no data-sharing agreement covers is not asked, and its case says so. A failure raises: the
queue delivers the question again, and at last to the dead letters. A partner that may not be asked
more in this second costs no attempt: the question goes back with a delay. One that fails again
and again rests: nobody hangs on it, and one question at a time tries whether it is back. A
question about a person who is not its application's owner is nobody's: it ends as a dead letter.
"""

import json
import os
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any, Self

from urllib3.exceptions import HTTPError

from chepai.domain.agreements import Agreement, why_not
from chepai.domain.ledger import Actor
from chepai.domain.periods import city_day
from chepai.edge.backing_off import backing_off
from chepai.edge.clock import now
from chepai.edge.key_rings import KeyRings
from chepai.edge.observing import tell, tell_security
from chepai.edge.posting import post
from chepai.edge.webhook_signature import sign
from chepai.edge.withholding import Withholding
from chepai.partners.directory import HOOKS
from chepai.partners.message import Question, envelope
from chepai.partners.questions import BY_TYPE, question, sent_by
from chepai.records.applications import Applications
from chepai.records.aws import client
from chepai.records.partners import Partners
from chepai.records.people import People, Purpose
from chepai.records.table import Row

LIVE = "live"
ASKED_PER_SECOND = 20
WAIT_FOR_A_TURN_SECONDS = 1
ANSWERED = range(200, 300)
TOLD = frozenset({"sms.ordered", "letter.ordered", "call.ordered"})
FAULT = 500
AGREEMENTS_KEPT = timedelta(minutes=1)


def may_call_private(stage: str) -> bool:
    """Whether partners may live on our own networks: only where they are simulated there."""
    return stage == "sandbox"


class PartnerUnavailable(Exception):
    """The partner is unknown, suspended, or did not take the question."""


class NotTheOwner(Exception):
    """The question names a person who is not its application's."""


class Asking:
    """Sends the questions of the queue, one at a time."""

    def __init__(self, partners: Partners, people: People, queue_url: str, stage: str) -> None:
        self._partners = partners
        self._people = people
        self._queue_url = queue_url
        self._stage = stage
        self._agreed: tuple[datetime, Mapping[str, Any]] | None = None

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Partners.from_env(),
            People.from_env(),
            os.environ["QUESTIONS_QUEUE_URL"],
            os.environ["CHEPAI_STAGE"],
        )

    def take(self, record: Mapping[str, Any]) -> None:
        """Send the question in a record of the queue; a failed one comes back later and later."""
        with backing_off(client("sqs"), self._queue_url, record):
            self.ask(json.loads(record["body"]))

    def ask(self, asked: Mapping[str, Any]) -> None:
        """Send one question of the queue; `asked` holds identifiers only.

        Raises PartnerUnavailable when it could not be delivered, NotTheOwner.
        """
        at, started = now(), time.monotonic()
        partner = asked["partner"]
        row = self._partners.read(partner)
        if row is None or row["status"] != LIVE:
            raise PartnerUnavailable("the partner is unknown or suspended")
        if because := self._withheld(asked, row["kind"], at):
            tell("not asked", **_told(asked), outcome=because)
            self._withholding.note(asked, because)
            return
        self._must_be_the_owners(asked)
        if not self._partners.may_be_tried(row, at):
            raise PartnerUnavailable("the partner rests")
        rate = int(row.get("rate", ASKED_PER_SECOND))
        if not self._partners.take_turn(partner, second=int(at.timestamp()), per_second=rate):
            self._back_to_the_queue(asked)
            return
        personal = self._personal(asked)
        if asked["type"] in TOLD and personal.keys() < set(BY_TYPE[asked["type"]].FIELDS):
            # Who gave no number or no address yet cannot be told so; their page and slip tell them.
            tell("nowhere to tell it", **_told(asked))
            return
        data = self._question(asked, personal)
        body = json.dumps(envelope(asked["type"], at, data), ensure_ascii=False).encode()
        ring = _rings(HOOKS[row["kind"]]).of(partner, at)
        headers = sign(ring, asked["message_id"], body, now=at)
        status = self._posted(row, body, headers)
        took = int((time.monotonic() - started) * 1000)
        tell("asked", **_told(asked), status=status, milliseconds=took)
        if status not in ANSWERED:
            raise PartnerUnavailable(f"status {status}")

    def _posted(self, row: Row, body: bytes, headers: Mapping[str, str]) -> int:
        """The partner's status; what it did is remembered for whoever asks it next."""
        try:
            status = post(row["url"], body, headers, private_allowed=may_call_private(self._stage))
        except (HTTPError, OSError):
            self._partners.failed(row, now())
            raise
        if status >= FAULT:
            self._partners.failed(row, now())
        else:
            self._partners.answered(row)
        return status

    def _withheld(self, asked: Mapping[str, Any], kind: str, at: datetime) -> str | None:
        """Why this may not be asked by the agreements as they are now; None when it may."""
        if self._agreed is None or at - self._agreed[0] > AGREEMENTS_KEPT:
            self._agreed = at, self._partners.agreements()
        words = self._agreed[1].get(asked["type"])
        return why_not(
            Agreement.of(asked["type"], words) if words else None,
            partner=kind,
            fields=sent_by(BY_TYPE[asked["type"]]),
            today=city_day(at),
        )

    def _must_be_the_owners(self, asked: Mapping[str, Any]) -> None:
        """Whoever may put into the queue names a case and a person: here they are held together."""
        if not BY_TYPE[asked["type"]].FIELDS:
            return
        case = self._applications.get({"application_id": asked.get("application_id") or "none"})
        if case is None or case.get("person_id") != asked.get("refs", {}).get("person_id"):
            tell_security("question_of_a_stranger", **_told(asked))
            raise NotTheOwner

    @cached_property
    def _applications(self) -> Applications:
        # Most questions carry nothing of a person.
        return Applications.from_env()

    @cached_property
    def _withholding(self) -> Withholding:
        # Most processes never withhold a question.
        return Withholding.from_env()

    def _personal(self, asked: Mapping[str, Any]) -> Mapping[str, str]:
        """The fields of the vault that the question declares, as far as they are known."""
        model, refs = BY_TYPE[asked["type"]], asked.get("refs", {})
        if not model.FIELDS:
            return {}
        return self._people.read(
            refs["person_id"],
            model.FIELDS,
            actor=Actor(role="system", id="ask_partner"),
            purpose=Purpose(model.PURPOSE, asked.get("application_id", ""), asked["partner"]),
            former=bool(refs.get("former")),
        )

    def _question(self, asked: Mapping[str, Any], personal: Mapping[str, str]) -> Question:
        return question(
            asked["type"],
            request_id=asked["request_id"],
            application_id=asked.get("application_id", ""),
            refs=asked.get("refs", {}),
            personal=personal,
        )

    def _back_to_the_queue(self, asked: Mapping[str, Any]) -> None:
        # A fresh copy: a message that is only made visible later counts as tried once more.
        client("sqs").send_message(
            QueueUrl=self._queue_url,
            MessageBody=json.dumps(asked),
            DelaySeconds=WAIT_FOR_A_TURN_SECONDS,
        )
        tell("no turn", **_told(asked))


@cache
def _rings(word: str) -> KeyRings:
    return KeyRings.from_env(word)


def _told(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: asked.get(name, "") for name in ("partner", "type", "message_id", "request_id")}
