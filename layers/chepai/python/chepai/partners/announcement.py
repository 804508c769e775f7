"""The product announcement (道路机动车辆产品公告) of the industry ministry."""

from chepai.domain.facts import FactKind, Said, about_model
from chepai.partners.manufacturer import (
    CertificateAsked,
    CertificateIssued,
    Parameters,
    plain_facts,
)
from chepai.partners.message import Blinding, Code, Model, Question, Statement, by_type


class ProductAnnounced(Statement):
    """The model may be made and sold, with these parameters."""

    TYPE = "product.announced"
    KIND = FactKind.ANNOUNCEMENT

    model: Model
    params: Parameters

    def subject(self) -> str:
        return about_model(self.model)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return plain_facts(self) | {"status": "LISTED"}


class ProductRevoked(ProductAnnounced):
    """The model was struck from the announcement."""

    TYPE = "product.revoked"

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return super().says(partner, blind) | {"status": "REVOKED"}


class CertificateRegistered(CertificateIssued):
    """A certificate as the ministry's own system has it: for makers not connected to the city."""

    TYPE = "certificate.registered"

    maker: Code

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return super().says(partner, blind) | {"maker": self.maker}


MESSAGES = by_type(ProductAnnounced, ProductRevoked, CertificateRegistered)


class ProductAsked(Question):
    """The ministry is asked for a model's entry."""

    TYPE = "product.asked"

    model: Model


QUESTIONS = (ProductAsked, CertificateAsked)
