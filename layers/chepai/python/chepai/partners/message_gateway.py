"""The message gateway (短信): texts without personal data, by template."""

from typing import Annotated, ClassVar

from pydantic import Field

from chepai.domain.facts import FactKind, Said, about_message
from chepai.partners.message import (
    ApplicationId,
    Blinding,
    Code,
    MessageId,
    Name,
    Phone,
    Question,
    Statement,
    by_type,
)


class SmsAccepted(Statement):
    """The supplier took the message on."""

    TYPE = "sms.accepted"
    KIND = FactKind.MESSAGE
    RESULT: ClassVar[str] = "ACCEPTED"

    message_id: MessageId
    application_id: ApplicationId
    template: Code

    def subject(self) -> str:
        return about_message(self.message_id)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        # Said back to us, so that another supplier can be asked without keeping every text.
        said = {"application_id": self.application_id, "template": self.template}
        return {"result": self.RESULT, "supplier": partner, **said}


class SmsDelivered(SmsAccepted):
    """The phone confirmed it."""

    TYPE = "sms.delivered"
    RESULT = "DELIVERED"


class SmsFailed(SmsAccepted):
    """It did not reach the phone; another supplier takes over."""

    TYPE = "sms.failed"
    RESULT = "FAILED"


MESSAGES = by_type(SmsAccepted, SmsDelivered, SmsFailed)


class SmsOrdered(Question):
    """A text is sent by its template; `values` fill it and hold no personal data."""

    TYPE = "sms.ordered"
    PURPOSE = "notice"
    FIELDS = ("phone",)

    message_id: MessageId
    application_id: ApplicationId
    template: Code
    values: Annotated[dict[str, str], Field(default_factory=dict, max_length=10)]
    phone: Phone


class LetterOrdered(Question):
    """The same told on paper, printed and posted by the supplier, for who reads no texts."""

    TYPE = "letter.ordered"
    PURPOSE = "notice"
    FIELDS = ("name", "address")

    message_id: MessageId
    application_id: ApplicationId
    template: Code
    values: Annotated[dict[str, str], Field(default_factory=dict, max_length=10)]
    name: Name
    address: Annotated[str, Field(min_length=1, max_length=200)]


class CallOrdered(SmsOrdered):
    """The same read out on the telephone, for who would rather hear it."""

    TYPE = "call.ordered"


QUESTIONS = (SmsOrdered, LetterOrdered, CallOrdered)
