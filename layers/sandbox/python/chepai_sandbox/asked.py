"""A question to a simulated partner: checked as any partner would, then answered."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chepai.edge.clock import now
from chepai.edge.strict_json import read
from chepai.edge.webhook_signature import verify
from chepai.partners.message import (
    AnswerOverdue,
    DataErrorReported,
    Envelope,
    Question,
    RequestCancelled,
    Statement,
)
from chepai.partners.questions import BY_PARTNER_KIND, TO_ALL
from chepai_sandbox.cast import PARTNERS
from chepai_sandbox.http import Answer, Busy, bytes_of, entry
from chepai_sandbox.keys import KEYS
from chepai_sandbox.story import ANSWERED_FROM, Story
from chepai_sandbox.voice import Speaker
from chepai_sandbox.worlds import Worlds

SLOWEST_SECONDS = 8


@dataclass(frozen=True)
class Asked:
    """One question to one partner, with the story that it is about (an empty one if none)."""

    partner: str
    kind: str
    question: Question
    story: Story
    worlds: Worlds

    @property
    def script(self) -> Mapping[str, Any]:
        return self.speaker.script

    @property
    def speaker(self) -> Speaker:
        return self.story.speaker(self.partner, self.kind)

    def of(self, name: str) -> Any:
        """A field of the question."""
        return getattr(self.question, name)

    def say(
        self, said: type[Statement], *, at: datetime | None = None, after: float = 0, **data: Any
    ) -> None:
        """Answer with a statement of what happened `at` (now); what is None is left out."""
        words = {k: v for k, v in data.items() if v is not None}
        words["reply_to"] = self.question.request_id
        self.speaker.say(said.model_validate(words), at=at, after=after, answer=True)

    def first(self, how_many: str) -> bool:
        """Whether this is still among the first n times that the script names (true is one)."""
        wanted = int(self.script.get(how_many, 0))
        return wanted > 0 and self.worlds.count(self._counted_by, how_many) <= wanted

    @property
    def _counted_by(self) -> str:
        return f"{self.partner}#{self.story.row.get('vin') or self.question.request_id}"


Answering = Callable[[Asked], None]


def simulates(word: str, worlds: Worlds) -> Callable[[Answering], Any]:
    """The address where simulated partners of a kind (by its word in paths) are asked."""

    def wrap(answer: Answering) -> Any:
        @entry("POST", f"/sandbox/partners/{word}/{{partner}}", f"Ask a simulated partner: {word}")
        def handler(event: Mapping[str, Any]) -> Answer:
            partner = event["pathParameters"]["partner"]
            kind = PARTNERS.get(partner, "manufacturer")
            body = bytes_of(event)
            # A forged question raises, and is answered like every refusal.
            signed = verify(
                event["headers"], body, KEYS.published().rings.get(partner, ()), now=now()
            )
            question = _question(kind, body)
            asked = Asked(partner, kind, question, _story(question, worlds), worlds)
            if asked.first("unavailable"):
                raise Busy
            # Longer than the office's patience of five seconds: asked again, the answer is one.
            time.sleep(min(float(asked.script.get("slow", 0)), SLOWEST_SECONDS))
            _, is_new = worlds.write_once(f"asked#{partner}#{signed.message_id}", {})
            if is_new and not _common(asked):
                answer(asked)
            return Answer(202, {"status": "taken"})

        return handler

    return wrap


def answer_from_record(asked: Asked) -> None:
    """Agencies that only know things answer from their record; who knows nothing is silent."""
    fact = ANSWERED_FROM.get(asked.question.TYPE)
    if fact is not None:
        asked.story.tell(fact, reply_to=asked.question.request_id)


def _question(kind: str, body: bytes) -> Question:
    message = Envelope.model_validate(read(body))
    models = {model.TYPE: model for model in (*BY_PARTNER_KIND[kind], *TO_ALL)}
    return models[message.type].model_validate(message.data)


def _common(asked: Asked) -> bool:
    """What every partner does alike: look again at a data error, forget what is not needed."""
    if isinstance(asked.question, DataErrorReported):
        # A stubborn agency looks, and stands by what it said.
        if not asked.script.get("stubborn"):
            asked.story.mend(asked.question.message_type)
        fact = asked.story.fact_of(asked.question.message_type)
        asked.story.keep_in(asked.worlds)
        if fact:
            asked.story.tell(fact, reply_to=asked.question.request_id)
        return True
    return isinstance(asked.question, RequestCancelled | AnswerOverdue)


def _story(question: Question, worlds: Worlds) -> Story:
    row = None
    named = question.model_dump()
    if vin := named.get("vin") or _vin_in(named.get("about", "")):
        row = worlds.car(vin)
        if row and named.get("application_id"):
            worlds.write(f"application#{named['application_id']}", {"vin": vin})
    for name, key in (
        ("application_id", "application"),
        ("payment_id", "order"),
        ("phone", "phone"),
        ("model", "model"),
    ):
        if row is None and named.get(name):
            row = worlds.car_behind(f"{key}#{named[name]}")
    return Story(row or {"vin": "", "made_at": now().isoformat()})


def _vin_in(about: str) -> str:
    kind, _, identifier = about.partition("#")
    return identifier if kind == "vin" else ""
