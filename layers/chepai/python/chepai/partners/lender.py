"""Lenders (银行、汽车金融公司) and their platform: mortgages on vehicles."""

from typing import Annotated

from pydantic import Field

from chepai.domain.facts import FactKind, Said, about_application, about_vin
from chepai.partners.message import (
    ApplicationId,
    Blinding,
    Question,
    Statement,
    Vin,
    by_type,
)


class MortgageState(Statement):
    """Whether a car is mortgaged to this lender."""

    TYPE = "mortgage.state"
    KIND = FactKind.MORTGAGE

    vin: Vin
    active: bool
    cosigned_application: ApplicationId | None = None

    def subject(self) -> str:
        return about_vin(self.vin)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return {
            "vin": self.vin,
            "active": self.active,
            "lender": partner if self.active else None,
            "cosigned_application": self.cosigned_application,
        }

    def takes_back(self) -> bool:
        # While a car is mortgaged to one lender, no other may say anything of its mortgage.
        return True


class CosignatureGiven(Statement):
    """The lender's half of an act that owner and lender do jointly (R164 Art. 32)."""

    TYPE = "cosignature.given"
    KIND = FactKind.COSIGNATURE

    application_id: ApplicationId
    vin: Vin

    def subject(self) -> str:
        return about_application(self.application_id)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return {"result": "SIGNED", "lender": partner, "vin": self.vin}


class CosignatureRefused(CosignatureGiven):
    """The lender does not consent."""

    TYPE = "cosignature.refused"

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return super().says(partner, blind) | {"result": "REFUSED"}


MESSAGES = by_type(MortgageState, CosignatureGiven, CosignatureRefused)


class MortgageAsked(Question):
    """The lenders' platform is asked whether a car is mortgaged."""

    TYPE = "mortgage.asked"

    vin: Vin


class CosignatureAsked(Question):
    """The lender is asked to sign an application of the owner with them."""

    TYPE = "cosignature.asked"

    application_id: ApplicationId
    vin: Vin
    act: Annotated[str, Field(pattern=r"^[A-Z_]{3,40}$")] = "REISSUE_REG_CERT"


QUESTIONS = (MortgageAsked, CosignatureAsked)
