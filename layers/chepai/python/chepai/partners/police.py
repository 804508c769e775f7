"""The police (公安): who a person is, and what is known against a vehicle."""

from typing import Annotated, Literal

from pydantic import Field

from chepai.domain import resident_id
from chepai.domain.facts import FactKind, Said, about_person, about_vin
from chepai.partners.manufacturer import plain_facts
from chepai.partners.message import (
    Blinding,
    Code,
    Known,
    Person,
    PersonId,
    Phone,
    Question,
    Statement,
    Vin,
    by_type,
)

Flag = Annotated[str, Field(pattern=r"^[A-Q]$")]


class Identified(Person):
    """The person as the population register has them, with the phone they signed in with."""

    phone: Phone | None = None


class IdentityVerified(Statement):
    """The result of an identity check at sign-in; the picture itself is never sent."""

    TYPE = "identity.verified"
    KIND = FactKind.IDENTITY

    person_id: PersonId
    reference: Code
    result: Literal["MATCH", "MISMATCH"]
    method: Literal["FACE", "NET_ID", "ID_CHIP", "COUNTER"]
    alive: bool
    identified: Identified

    def subject(self) -> str:
        return about_person(self.person_id)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        who = self.identified
        hidden = who.hidden("id", blind)
        return {
            "result": self.result,
            "method": self.method,
            "reference": self.reference,
            "alive": self.alive,
            "born": _born(who.id_number),
            "id_blind": hidden["id_blind"],
            "id_masked": hidden["id_masked"],
            "name_blind": hidden["id_name_blind"],
            "name_masked": hidden["id_name_masked"],
        }

    def person(self) -> Known | None:
        """A person whose identity did not match is nobody we know."""
        if self.result != "MATCH":
            return None
        who = self.identified
        fields = {"name": who.name, "id_number": who.id_number}
        return Known(self.person_id, fields | ({"phone": who.phone} if who.phone else {}))


class VehicleStatusAnswered(Statement):
    """The set of status flags of a car (机动车状态), as an answer."""

    TYPE = "vehicle_status.answered"
    KIND = FactKind.VEHICLE_STATUS

    vin: Vin
    flags: Annotated[list[Flag], Field(min_length=1, max_length=17)]

    def subject(self) -> str:
        return about_vin(self.vin)

    def says(self, partner: str, blind: Blinding) -> dict[str, Said]:
        return plain_facts(self) | {"flags": sorted(set(self.flags))}


class VehicleStatusChanged(VehicleStatusAnswered):
    """The flags changed, such as a car reported stolen: told without being asked."""

    TYPE = "vehicle_status.changed"


def _born(id_number: str) -> int | None:
    # A passport number has no year of birth in it.
    try:
        return resident_id.born_year(id_number)
    except ValueError:
        return None


MESSAGES = by_type(IdentityVerified, VehicleStatusAnswered, VehicleStatusChanged)


class IdentityAsked(Question):
    """The police are asked to check a person's identity again."""

    TYPE = "identity.asked"
    PURPOSE = "identity"
    FIELDS = ("name", "id_number")

    person_id: PersonId
    person: Person


class VehicleStatusAsked(Question):
    """The police are asked for a car's flags."""

    TYPE = "vehicle_status.asked"

    vin: Vin


QUESTIONS = (IdentityAsked, VehicleStatusAsked)
