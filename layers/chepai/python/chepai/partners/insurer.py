"""Insurers (保险公司) and their platform: compulsory traffic insurance."""

from typing import Annotated

from pydantic import Field

from chepai.domain.facts import FactKind, Said, about_vin
from chepai.partners.manufacturer import plain_facts
from chepai.partners.message import Blinding, Day, Person, Question, Statement, Vin, by_type
from chepai.partners.tax import PlateAssigned


class PolicyBound(Statement):
    """A compulsory policy (交强险) is bound and will be in force on its first day."""

    TYPE = "policy.bound"
    KIND = FactKind.COMPULSORY_INSURANCE

    vin: Vin
    policy_no: Annotated[str, Field(pattern=r"^[A-Z0-9]{15,30}$")]
    insured: Person
    starts_on: Day
    ends_on: Day

    def subject(self) -> str:
        return about_vin(self.vin)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        words = {k: v for k, v in plain_facts(self).items() if k != "insured"}
        hidden = self.insured.hidden("insured", blind)
        words |= {k: hidden[k] for k in ("insured_blind", "insured_masked")}
        # The insurer is who signed: none can speak of another's policy.
        return words | {"insurer": partner, "status": "BOUND"}


class PolicyInForce(PolicyBound):
    """The policy covers the car now."""

    TYPE = "policy.in_force"

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return super().says(partner, blind) | {"status": "IN_FORCE"}


class PolicyCancelled(PolicyBound):
    """The policy no longer covers the car."""

    TYPE = "policy.cancelled"

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return super().says(partner, blind) | {"status": "CANCELLED"}

    def takes_back(self) -> bool:
        return True


MESSAGES = by_type(PolicyBound, PolicyInForce, PolicyCancelled)


class PolicyAsked(Question):
    """The insurers' platform is asked for a car's policy."""

    TYPE = "policy.asked"

    vin: Vin


QUESTIONS = (PolicyAsked, PlateAssigned)
