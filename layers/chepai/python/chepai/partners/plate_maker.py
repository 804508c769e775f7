"""Plate maker (号牌制作单位) and print room: plates and papers, each blank by its serial."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from chepai.domain.facts import FactKind, Said, about_application
from chepai.partners.message import (
    ApplicationId,
    Blinding,
    Code,
    Name,
    PlateKind,
    PlateNumber,
    Question,
    Statement,
    Text,
    Vin,
    by_type,
)
from chepai.partners.statement import LINES_A_PAGE, OrderLine, Stated, StatementAsked


class PlatesMade(Statement):
    """A pair of plates was made and handed out for sending."""

    TYPE = "plates.made"
    KIND = FactKind.PLATES
    ORDERED_FROM = "plate_maker"
    RESULT: ClassVar[str] = "MADE"

    application_id: ApplicationId
    order_no: Code
    serials: Annotated[list[Code], Field(default_factory=list, max_length=10)]

    def subject(self) -> str:
        return about_application(self.application_id)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return {"result": self.RESULT, "serials": self.serials, "order_no": self.order_no}


class PlatesFailed(PlatesMade):
    """The order could not be made; spoilt blanks are named by serial."""

    TYPE = "plates.failed"
    RESULT = "FAILED"


class PapersPrinted(PlatesMade):
    """Registration certificate and vehicle licence were printed."""

    TYPE = "papers.printed"
    KIND = FactKind.PAPERS
    ORDERED_FROM = "print_room"


class PapersFailed(PapersPrinted):
    """The papers could not be printed; spoilt blanks are named by serial."""

    TYPE = "papers.failed"
    RESULT = "FAILED"


class OrdersStated(Stated):
    """What became of our orders on a day."""

    TYPE = "orders.stated"
    KIND = FactKind.ORDERS_STATED

    lines: Annotated[list[OrderLine], Field(max_length=LINES_A_PAGE)]


MESSAGES = by_type(PlatesMade, PlatesFailed, PapersPrinted, PapersFailed, OrdersStated)


class PlatesOrdered(Question):
    """Plates are ordered; `order_no` makes a repeated order the same order."""

    TYPE = "plates.ordered"

    application_id: ApplicationId
    order_no: Code
    plate_no: PlateNumber
    plate_kind: PlateKind
    vin: Vin


class PapersOrdered(Question):
    """Papers are ordered; they bear the owner's name and address."""

    TYPE = "papers.ordered"
    PURPOSE = "papers"
    FIELDS = ("name", "address")

    application_id: ApplicationId
    order_no: Code
    papers: Literal["ALL", "CERTIFICATE", "VEHICLE_LICENCE"]
    certificate_no: Code
    plate_no: PlateNumber | None = None
    vin: Vin
    name: Name
    address: Text | None = None


class OrderQueried(Question):
    """What became of an order: told again, nothing is made again."""

    TYPE = "order.queried"

    application_id: ApplicationId
    order_no: Code


class OrdersAsked(StatementAsked):
    """What became of our orders on a day is asked for."""

    TYPE = "orders.asked"


QUESTIONS = (PlatesOrdered, PapersOrdered, OrderQueried, OrdersAsked)
