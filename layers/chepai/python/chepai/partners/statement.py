"""What a partner has in its books of one day: asked for once, told in pages.

A statement says what happened, not what is to be done: identifiers, amounts and times, a line a
movement, and nothing of persons. We compare it with our own books (`domain/reconciling.py`).
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from chepai.domain.facts import Said, about_statement
from chepai.partners.message import (
    ApplicationId,
    Blinding,
    Code,
    Day,
    Fen,
    Instant,
    Part,
    PaymentId,
    PlateNumber,
    Question,
    Statement,
    Vin,
)

LINES_A_PAGE = 200
"""Far below what a message may weigh."""
Page = Annotated[int, Field(ge=1, le=9999)]
Act = Annotated[str, Field(pattern=r"^[A-Z]{2,16}$")]


class Line(Part):
    """One movement; as a fact it is one text, its fields parted by a space, "-" for none."""

    act: Act
    at: Instant

    def text(self) -> str:
        words = self.model_dump(mode="json").values()
        return " ".join("-" if word is None else str(word) for word in words)


class PaymentLine(Line):
    """Money that came or went back: PAID or REFUNDED."""

    payment_id: PaymentId
    order_no: Code
    amount_fen: Fen


class RegistrationLine(Line):
    """What the register did under one key of ours: REGISTERED, REPLACED, REFUSED or CANCELLED."""

    application_id: ApplicationId
    vin: Vin
    plate_no: PlateNumber
    certificate_no: Code | None = None


class OrderLine(Line):
    """What became of an order: MADE or FAILED."""

    application_id: ApplicationId
    order_no: Code


class Stated(Statement):
    """One page of a statement; all pages of one carry the same `reply_to`."""

    day: Day
    page: Page
    pages: Page
    lines: Sequence[Line]

    def subject(self) -> str:
        return about_statement(self.day.isoformat(), self.page)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return {
            "day": self.day.isoformat(),
            "page": self.page,
            "pages": self.pages,
            "lines": [each.text() for each in self.lines],
        }


class StatementAsked(Question):
    """What a partner has in its books of one day of the city."""

    day: Day
