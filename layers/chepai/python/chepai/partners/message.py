"""What all messages between us and partners share: `{type, timestamp, data}`, strictly read.

A Statement comes in and becomes one fact, without personal data: a person in it leaves only blind
indexes and masked text behind. A Question goes out; the personal fields it needs and the purpose
they are read for stand beside it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from chepai.domain import names, resident_id
from chepai.domain.facts import FactKind, Said, SubjectKind
from chepai.domain.masking import mask_id, mask_name

Blinding: TypeAlias = Callable[[str, str], str]
"""Gives the keyed blind index of (field, text)."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _instant(sent: object) -> object:
    """An ISO 8601 time with its zone; a bare number or a time without zone is refused."""
    if isinstance(sent, datetime):
        return sent
    if not isinstance(sent, str) or not _INSTANT.fullmatch(sent):
        raise ValueError("not a time with a zone")
    return datetime.fromisoformat(sent).astimezone(UTC)


def _day(sent: object) -> object:
    if isinstance(sent, date):
        return sent
    if not isinstance(sent, str) or not _DAY.fullmatch(sent):
        raise ValueError("not a date")
    return date.fromisoformat(sent)


def _id_number(sent: str) -> str:
    # Passports and permits have other forms; eighteen characters failing the check are a slip.
    if len(sent) == 18 and (
        not sent[:17].isdigit() or resident_id.check_character(sent) != sent[17]
    ):
        raise ValueError("not an identity number")
    return sent


def _zulu(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[datetime, BeforeValidator(_instant), PlainSerializer(_zulu, when_used="json")]
Day = Annotated[date, BeforeValidator(_day)]
Vin = Annotated[str, Field(pattern=r"^[A-HJ-NPR-Z0-9]{17}$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Model = Annotated[str, Field(pattern=r"^[A-Z0-9-]{2,32}$")]
CreditCode = Annotated[str, Field(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
IdNumber = Annotated[str, Field(pattern=r"^[0-9A-Z]{5,20}$"), AfterValidator(_id_number)]
Phone = Annotated[str, Field(pattern=r"^1[3-9][0-9]{9}$")]
PlateNumber = Annotated[str, Field(min_length=7, max_length=8)]
PlateKind = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
# Names with rare characters, middle dots and many syllables are names: only the length is bound.
Name = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=400)]
Fen = Annotated[int, Field(ge=0, le=100_000_000_00)]
ApplicationId = Annotated[str, Field(pattern=r"^app_[0-9A-HJKMNP-TV-Z]{26}$")]
PaymentId = Annotated[str, Field(pattern=r"^pay_[0-9A-HJKMNP-TV-Z]{26}$")]
PersonId = Annotated[str, Field(pattern=r"^per_[0-9A-HJKMNP-TV-Z]{26}$")]
MessageId = Annotated[str, Field(pattern=r"^msg_[0-9A-HJKMNP-TV-Z]{26}$")]
RequestId = Annotated[str, Field(pattern=r"^req_[0-9A-HJKMNP-TV-Z]{26}$")]


class Part(BaseModel):
    """A part of a message: unknown fields are refused, nothing is coerced.

    An error names the place and never the content: it may end in a log, the content is personal.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, str_max_length=400, hide_input_in_errors=True
    )


class Person(Part):
    """A natural person as agencies name one."""

    id_number: IdNumber
    name: Name

    def hidden(self, role: str, blind: Blinding) -> dict[str, Said]:
        """The four keys a person leaves in a fact, such as `buyer_blind` and `buyer_name_blind`."""
        return {
            f"{role}_blind": blind("id", resident_id.normalise(self.id_number)),
            f"{role}_name_blind": blind("name", names.comparable(self.name)),
            f"{role}_masked": mask_id(self.id_number),
            f"{role}_name_masked": mask_name(self.name),
        }


@dataclass(frozen=True)
class Known:
    """Personal fields that a message brings for the vault, and for nothing else."""

    person_id: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Told:
    """What a message says, ready to be kept as a version of a fact."""

    subject: str
    kind: FactKind
    says: Mapping[str, Said]
    occurred_at: datetime
    valid_until: datetime | None = None
    reply_to: str | None = None
    person: Known | None = None
    takes_back: bool = False
    ordered_from: str = ""

    @property
    def vin(self) -> str | None:
        """The car the fact is about, when it is about a car."""
        kind, _, identifier = self.subject.partition("#")
        return identifier if kind == SubjectKind.VIN else None


class Statement(Part):
    """The data of one kind of message from a partner.

    `reply_to` is the request id of ours that it answers; `valid_until` the partner's own limit.
    """

    TYPE: ClassVar[str]
    KIND: ClassVar[FactKind]
    ORDERED_FROM: ClassVar[str] = ""
    """The kind of partner that was given the order of which this speaks; "" for no order."""

    reply_to: RequestId | None = None
    valid_until: Instant | None = None

    def subject(self) -> str:
        """Whom or what the fact is about."""
        raise NotImplementedError

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        """The fact's words; `partner` is the sender as its signature proves it."""
        raise NotImplementedError

    def takes_back(self) -> bool:
        """Whether this may only be said by the partner whose word it ends or replaces."""
        return False

    def person(self) -> Known | None:
        """Personal fields for the vault: none, but for the police's identity result."""
        return None


class Question(Part):
    """The data of one kind of message to a partner."""

    TYPE: ClassVar[str]
    PURPOSE: ClassVar[str] = ""
    FIELDS: ClassVar[tuple[str, ...]] = ()

    request_id: RequestId


class Envelope(Part):
    """What is around the data; `timestamp` is when the thing said happened."""

    type: Annotated[str, Field(pattern=r"^[a-z_]{2,40}\.[a-z_]{2,40}$")]
    timestamp: Instant
    data: dict[str, Any]


class DataErrorReported(Question):
    """An agency is told that something it said seems wrong, and by when to look (M21).

    Its answer is a corrected message of `message_type` with `reply_to`, whatever it says.
    """

    TYPE = "data_error.reported"

    about: Annotated[str, Field(pattern=r"^(vin|model|person|application)#[A-Za-z0-9_.-]{2,64}$")]
    message_type: Annotated[str, Field(pattern=r"^[a-z_]{2,40}\.[a-z_]{2,40}$")]
    field: Code | None = None
    reason: Code
    due_on: Day


class RequestCancelled(Question):
    """What was asked is no longer needed: the application ended."""

    TYPE = "request.cancelled"

    cancelled: RequestId


class AnswerOverdue(Question):
    """An answer is late: to which question, by when it was due, and who hears of it (`step`)."""

    TYPE = "answer.overdue"

    overdue: RequestId
    due_on: Day
    step: Code


def by_type(*models: type[Statement]) -> dict[str, type[Statement]]:
    """The table of message types a partner may send."""
    return {model.TYPE: model for model in models}


def told(
    models: Mapping[str, type[Statement]], sent: object, partner: str, blind: Blinding
) -> Told:
    """What a message of this partner says, as a fact.

    Raises pydantic's ValidationError for a wrong field, LookupError for a type it may not send.
    """
    message = Envelope.model_validate(sent)
    if message.type not in models:
        raise LookupError(message.type)
    said = models[message.type].model_validate(message.data)
    return Told(
        subject=said.subject(),
        kind=said.KIND,
        says=said.says(partner, blind),
        occurred_at=message.timestamp,
        valid_until=said.valid_until,
        reply_to=said.reply_to,
        person=said.person(),
        takes_back=said.takes_back(),
        ordered_from=said.ORDERED_FROM,
    )


def plain(message: Part) -> dict[str, Any]:
    """The words of a part of a message as JSON values; what is None is left out."""
    return message.model_dump(mode="json", exclude_none=True)


def envelope(message_type: str, at: datetime, data: Part) -> dict[str, Any]:
    """A message ready to be written as JSON and signed."""
    return {"type": message_type, "timestamp": _zulu(at), "data": plain(data)}
