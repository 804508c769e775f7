"""The payment gateway of the treasury (财政缴款): fees of the published list, nothing else."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from chepai.domain.facts import FactKind, Said, about_payment
from chepai.partners.message import (
    Blinding,
    Code,
    Fen,
    PaymentId,
    Question,
    Statement,
    Vin,
    by_type,
)
from chepai.partners.statement import LINES_A_PAGE, PaymentLine, Stated, StatementAsked


class PaymentPaid(Statement):
    """The fee was captured."""

    TYPE = "payment.paid"
    KIND = FactKind.FEE
    STATUS: ClassVar[str] = "PAID"

    payment_id: PaymentId
    order_no: Code
    amount_fen: Fen

    def subject(self) -> str:
        return about_payment(self.payment_id)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return {
            "status": self.STATUS,
            "amount_fen": self.amount_fen,
            "order_no": self.order_no,
        }


class PaymentDeclined(PaymentPaid):
    """The payer's bank said no; nothing was taken."""

    TYPE = "payment.declined"
    STATUS = "DECLINED"


class PaymentOpen(PaymentPaid):
    """The answer to a query about an order that nobody has paid."""

    TYPE = "payment.open"
    STATUS = "OPEN"


class PaymentRefunded(PaymentPaid):
    """The money went back to the payer."""

    TYPE = "payment.refunded"
    STATUS = "REFUNDED"
    KIND = FactKind.REFUND


class PaymentClosed(PaymentPaid):
    """The order was cancelled before anyone paid; what comes later goes back by itself."""

    TYPE = "payment.closed"
    STATUS = "CANCELLED"
    KIND = FactKind.REFUND


class PaymentsStated(Stated):
    """What the treasury took and gave back on a day: a page of the settlement statement."""

    TYPE = "payments.stated"
    KIND = FactKind.PAYMENTS_STATED

    lines: Annotated[list[PaymentLine], Field(max_length=LINES_A_PAGE)]


MESSAGES = by_type(
    PaymentPaid,
    PaymentDeclined,
    PaymentOpen,
    PaymentRefunded,
    PaymentClosed,
    PaymentsStated,
)


class PaymentOrdered(Question):
    """An order is opened; the same payment id never makes a second one."""

    TYPE = "payment.ordered"

    payment_id: PaymentId
    amount_fen: Fen
    vin: Vin | None = None


class PaymentTaken(Question):
    """A desk of the office, a till of the treasury's, took the fee of an open order."""

    TYPE = "payment.taken"

    payment_id: PaymentId
    amount_fen: Fen
    method: Literal["CASH", "CARD"]
    receipt_no: Code


class PaymentQueried(Question):
    """The gateway is asked what became of an order: the truth when a callback is lost."""

    TYPE = "payment.queried"

    payment_id: PaymentId


class PaymentCancelled(Question):
    """The order is closed; should it have been paid meanwhile, the gateway gives it back."""

    TYPE = "payment.cancelled"

    payment_id: PaymentId


class RefundOrdered(Question):
    """Money is given back; `paid_fen` is what we saw captured, or the gateway refuses."""

    TYPE = "refund.ordered"

    payment_id: PaymentId
    amount_fen: Fen
    paid_fen: Fen


class PaymentsAsked(StatementAsked):
    """The settlement statement of a day is asked for."""

    TYPE = "payments.asked"


QUESTIONS = (
    PaymentOrdered,
    PaymentTaken,
    PaymentQueried,
    PaymentCancelled,
    RefundOrdered,
    PaymentsAsked,
)
