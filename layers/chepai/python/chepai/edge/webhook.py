"""A partner's webhook: verify the bytes, read strictly, turn into a fact, keep, answer.

No rule of law is applied here. A known message answers 202 again and changes nothing; whatever is
sent, what is wrong with it is told as a problem and never breaks the function.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from pydantic import ValidationError

from chepai.domain.facts import AGENCIES, EVIDENCE, Fact
from chepai.domain.profile import CityProfile
from chepai.domain.refusals import (
    BodyMalformed,
    BodyTooLarge,
    FieldInvalid,
    FieldProblem,
    MessageIdReused,
    NotYoursToSay,
    Refusal,
    SignatureForged,
    SignatureStale,
    TooManyRequests,
    Unavailable,
)
from chepai.edge.api import Answer, Declaration, Handler, raw_body
from chepai.edge.blind import DRAWN, Blind, Draws
from chepai.edge.clock import now
from chepai.edge.flooding import Flooding
from chepai.edge.key_rings import KeyRings
from chepai.edge.observing import tell, tell_security, tell_trouble
from chepai.edge.problems import problem, unforeseen
from chepai.edge.roles import is_signed
from chepai.edge.strict_json import LARGEST, read
from chepai.edge.webhook_signature import REPLAY_WINDOW, SHARED_ALGORITHM, Key, Signed, verify
from chepai.partners.directory import HOOKS, USUAL
from chepai.partners.message import Envelope, Statement, Told, told
from chepai.records.applications import Applications, stamp
from chepai.records.archive import Archive
from chepai.records.aws import passes
from chepai.records.facts import Appended, Facts
from chepai.records.people import People
from chepai.records.table import TryAgain

ERRORS = (
    BodyMalformed,
    BodyTooLarge,
    FieldInvalid,
    SignatureForged,
    SignatureStale,
    NotYoursToSay,
    MessageIdReused,
    TooManyRequests,
)
STANDING = frozenset({"BOUND", "IN_FORCE"})
BEAR_EVIDENCE = frozenset(
    HOOKS[p] for k in EVIDENCE if (p := AGENCIES[k].partner_kind or "") in HOOKS
)
"""The hooks of partners whose word decides: what a shared key signs, we could have signed."""


@dataclass(frozen=True)
class Heard:
    """A message whose sender is proven and whose words are understood."""

    partner: str
    told: Told
    signed: Signed
    digest: str
    received_at: datetime
    body: bytes

    def keep_in(self, facts: Facts, people: People | None = None) -> Appended:
        """Keep the message as the next version of its fact, and as it came where it is evidence.

        What it says of a person goes to `people`. Raises TryAgain.
        """
        # Before the fact: what somebody decides by can be shown as it was signed.
        if self.told.kind in EVIDENCE and not self._archived():
            return Appended.CONFLICT
        if people:
            # After the archive, so that a second word under one id changes nobody's record; before
            # the fact: whoever is woken by it finds the person there.
            self._keep_person_in(people, facts)
        return facts.append(
            self.told.subject,
            self.told.kind,
            dict(self.told.says),
            occurred_at=self.told.occurred_at,
            received_at=self.received_at,
            partner=self.partner,
            message_id=self.signed.message_id,
            kid=self.signed.kid,
            digest=self.digest,
            valid_until=self.told.valid_until,
            reply_to=self.told.reply_to,
            algorithm=self.signed.algorithm,
            public_key=self.signed.public_key,
        )

    def _archived(self) -> bool:
        received = {"chepai-received-at": stamp(self.received_at), "chepai-kid": self.signed.kid}
        headers = {**self.signed.headers, **received}
        archive = Archive.from_env()
        return archive.keep(self.partner, self.signed.message_id, headers, self.body, self.digest)

    def _keep_person_in(self, people: People, facts: Facts) -> None:
        """Put the personal fields of the message into the vault, and nowhere else.

        The phone of a person known already is not replaced: it is theirs to change. A word that
        comes late or again, after a newer one, replaces nothing.
        """
        person = self.told.person
        if person is None:
            return
        known = facts.newest(self.told.subject, self.told.kind)
        if known is not None and known.occurred_at > self.told.occurred_at:
            return
        fields = dict(person.fields)
        if people.open_row(person.person_id):
            fields.pop("phone", None)
        people.keep(person.person_id, fields, blind_id=str(self.told.says["id_blind"]))

    def must_be_maker_of_the_car(self, profile: CityProfile) -> None:
        """Raise NotYoursToSay unless the manufacturer's key may speak for this VIN."""
        if not profile.manufacturers.speaks_for(self.partner, self.told.vin or ""):
            raise NotYoursToSay

    def must_have_been_given(self, applications: Applications) -> None:
        """Raise NotYoursToSay unless the order that the message speaks of was this partner's."""
        if not self.told.ordered_from:
            return
        # Orders name no partner, so each went to the usual one of its kind.
        if self.partner != USUAL[self.told.ordered_from]:
            raise NotYoursToSay
        _, _, application_id = self.told.subject.partition("#")
        row = applications.get({"application_id": application_id}) or {}
        given = {f"{application_id}-{nth}" for nth in range(1, int(row.get("orders", 0)) + 1)}
        if self.told.says.get("order_no") not in given:
            raise NotYoursToSay

    def must_not_undo_anothers_word(self, facts: Facts) -> None:
        """Raise NotYoursToSay for ending what another partner said and still stands by."""
        if not self.told.takes_back:
            return
        known = facts.newest(self.told.subject, self.told.kind)
        if known is not None and known.partner != self.partner and _stands(known):
            raise NotYoursToSay


def _stands(known: Fact) -> bool:
    return known.says.get("active") is True or known.says.get("status") in STANDING


class Taken(Answer):
    """The message is kept, or was known already; either way it need not be sent again."""

    outcome: Literal["kept", "known"]


def webhook(
    path: str, *, kind: str, messages: Mapping[str, type[Statement]], summary: str
) -> Callable[[Callable[[Heard], Appended]], Handler]:
    """Declare where one kind of partner speaks to us, and wrap the keeping of what it says.

    `messages` are the types this kind may send; `kind` names the secret with its key rings.
    """
    declared = Declaration(
        "POST", path, summary, Taken, body=Envelope, status=202, errors=ERRORS, tag="partners"
    )
    if not is_signed(declared.key):
        raise LookupError(f"{declared.key} is not a partner's in chepai/edge/roles.py")

    def wrap(keep: Callable[[Heard], Appended]) -> Handler:
        rings, flooding = KeyRings.from_env(kind), Flooding()

        def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
            trace = event.get("requestContext", {}).get("requestId", "")
            try:
                heard = _heard(event, rings, flooding, messages, decides=kind in BEAR_EVIDENCE)
                kept = keep(heard)
                if kept is Appended.CONFLICT:
                    # One of two words under one id is not the partner's own, or it lost count.
                    tell_security(
                        "message_id_reused",
                        partner=heard.partner,
                        message_id=heard.signed.message_id,
                        route=path,
                    )
                    raise MessageIdReused
            except Refusal as refusal:
                tell("refused", route=path, code=refusal.code, status=refusal.status)
                return problem(refusal, language="en", trace=trace)
            except TryAgain:
                return problem(Unavailable(seconds=1), language="en", trace=trace)
            except Exception as error:  # noqa: BLE001 - the last boundary: nothing leaks out
                tell_trouble("failed", error, route=path)
                if passes(error):
                    return problem(Unavailable(seconds=1), language="en", trace=trace)
                return unforeseen(language="en", trace=trace)
            tell("heard", partner=heard.partner, message_id=heard.signed.message_id, outcome=kept)
            outcome: Literal["kept", "known"] = "kept" if kept is Appended.NEW else "known"
            return {
                "statusCode": 202,
                "headers": {"content-type": "application/json; charset=utf-8"},
                "body": Taken(outcome=outcome).model_dump_json(),
            }

        handler.declaration = declared  # type: ignore[attr-defined]  # read at build time
        return handler  # type: ignore[return-value]  # the attribute above makes it a Handler

    return wrap


def _heard(
    event: Mapping[str, Any],
    rings: KeyRings,
    flooding: Flooding,
    messages: Mapping[str, type[Statement]],
    *,
    decides: bool,
) -> Heard:
    received_at = now()
    partner = str((event.get("pathParameters") or {}).get("partner", ""))
    body = raw_body(event)
    if len(body) > LARGEST:
        raise BodyTooLarge(limit=LARGEST)
    sent = event.get("headers") or {}
    try:
        signed = _verified(sent, body, rings, partner, received_at, decides=decides)
    except SignatureForged:
        known = rings.of(partner, received_at)
        word = "shared_key_refused" if _is_signed(sent, body, known, received_at) else "hook_forged"
        # Whoever sent it says which partner it is: only a name of ours is logged.
        tell_security(word, partner=partner if known else "unknown")
        raise
    flooding.take(partner)
    try:
        said = told(messages, read(body), partner, _blind)
    except ValidationError as wrong:
        raise FieldInvalid(*_problems(wrong)) from None
    except LookupError:
        raise FieldInvalid(FieldProblem("type", "unknown_type")) from None
    # A fact from tomorrow would stay the newest one whatever is said today.
    if said.occurred_at > received_at + REPLAY_WINDOW:
        raise FieldInvalid(FieldProblem("timestamp", "in_the_future"))
    return Heard(partner, said, signed, sha256(body).hexdigest(), received_at, body)


def _verified(
    headers: Mapping[str, str],
    body: bytes,
    rings: KeyRings,
    partner: str,
    at: datetime,
    *,
    decides: bool,
) -> Signed:
    """Raises SignatureForged or SignatureStale; a word that decides takes a key of its own."""

    def ring() -> Sequence[Key]:
        known = rings.of(partner, at)
        return [k for k in known if k.algorithm != SHARED_ALGORITHM] if decides else known

    try:
        return verify(headers, body, ring(), now=at)
    except SignatureForged:
        # The partner may sign with a key that was added a moment ago.
        if not rings.look_again(at):
            raise
    return verify(headers, body, ring(), now=at)


def _is_signed(headers: Mapping[str, str], body: bytes, ring: Sequence[Key], at: datetime) -> bool:
    try:
        verify(headers, body, ring, now=at)
    except (SignatureForged, SignatureStale):
        return False
    return True


def _blind(field: str, text: str) -> str:
    return (Draws if field in DRAWN else Blind).from_env()(field, text)


def _problems(wrong: ValidationError) -> list[FieldProblem]:
    # Where and what kind, never the value: a problem does not echo what was sent.
    return [
        FieldProblem(".".join(str(part) for part in each["loc"]) or "body", each["type"])
        for each in wrong.errors(include_url=False, include_context=False, include_input=False)
    ]
