"""The hotline: somebody calls with the number of a case and says who they are.

Number and identity come in the body, never in an address. The agent reads out the very sentence
that the citizen's page shows, and sees the rest masked; unknown, foreign and mistaken are one
answer, so that nobody learns by asking which case there is.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field

from chepai.domain import resident_id
from chepai.domain.application import Application
from chepai.domain.masking import mask_plate, mask_vin
from chepai.domain.refusals import CaseNotFound
from chepai.edge.api import Answer, Body, Call
from chepai.edge.blind import Blind
from chepai.edge.disclosing import Disclosing
from chepai.edge.progress import Watching
from chepai.edge.timing import Delay, LegalClock
from chepai.edge.views import Texts
from chepai.records.people import People

HOTLINE = "hotline"
SPOKEN = 6
"""How many of a number's last characters are said on the telephone."""


class LookUp(Body):
    """The case as the caller says it, whole or its last six characters, and their ID number."""

    case: Annotated[str, Field(min_length=SPOKEN, max_length=40)]
    id_number: Annotated[str, Field(min_length=15, max_length=18)]


class CaseHeard(Answer):
    """What is read out: the words of the citizen's own page, and masked fields beside them."""

    application_id: str
    spoken: str
    service: str
    status: str
    status_text: Texts
    holder: str
    holder_text: Texts
    standing: dict[str, Any]
    reasons: list[dict[str, Any]]
    do_next: list[str]
    latest_end: str
    latest_end_is: str
    clock: LegalClock | None = None
    delay: Delay | None = None
    since: str
    vin_masked: str
    number_masked: str | None = None


@dataclass(frozen=True)
class LookingUp:
    """The adapters that a look-up takes."""

    people: People
    watching: Watching
    blind: Blind

    @classmethod
    def from_env(cls) -> Self:
        return cls(People.from_env(), Watching.from_env(), Blind.from_env())

    def find(self, call: Call[LookUp]) -> CaseHeard:
        """The case that number and identity name together. Raises CaseNotFound, OwnCase."""
        number = resident_id.normalise(call.body.id_number)
        person_id = self.people.found_by(self.blind("id", number))
        case = self._case(person_id, call.body.case) if person_id else None
        if case is None:
            raise CaseNotFound
        fields = ("case", "facts")
        Disclosing().case(call, case, HOTLINE, fields)
        return self._heard(case)

    def _case(self, person_id: str, said: str) -> Application | None:
        wanted = said.strip().replace(" ", "").replace("-", "").upper().replace("O", "0")
        wanted = wanted.removeprefix("APP_").replace("I", "1").replace("L", "1")
        mine = self.watching.applications.of_person(person_id)
        found = [each for each in mine if each.application_id.endswith(wanted)]
        return max(found, key=lambda each: each.application_id, default=None)

    def _heard(self, case: Application) -> CaseHeard:
        progress = self.watching.progress(case)
        words = set(CaseHeard.model_fields) & set(type(progress).model_fields)
        return CaseHeard(
            **{name: getattr(progress, name) for name in words},
            spoken=case.application_id[-SPOKEN:],
            vin_masked=mask_vin(case.vin),
            number_masked=mask_plate(case.number) if case.number else None,
        )
