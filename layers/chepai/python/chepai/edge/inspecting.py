"""The inspections of a day: who comes when to which bay, and which have been entered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.life_cycle import Status
from chepai.domain.masking import mask_vin
from chepai.domain.refusals import SlotUnknown
from chepai.edge.api import Answer, Call
from chepai.edge.clock import today
from chepai.edge.disclosing import Disclosing
from chepai.edge.views import Texts, status_text
from chepai.records.applications import Applications
from chepai.records.cities import Cities
from chepai.records.slots import Slots
from chepai.records.table import Row

QUERY: Mapping[str, str] = {
    "site": "One site by its id; that of the caller's desk when left out, or the first one",
    "day": "One day, as YYYY-MM-DD; today when left out",
}
_WAITING = frozenset({Status.ON_SITE_REQUIRED, Status.CONVERTED_ON_SITE})


class InspectionSiteName(Answer):
    """One site, for choosing it."""

    site_id: str
    name: str


class InspectionDue(Answer):
    """One appointment; `to_enter` while its result is awaited."""

    at: str
    bay: int
    application_id: str
    vin_masked: str
    status: str
    status_text: Texts
    version: int
    to_enter: bool


class InspectionDay(Answer):
    """The appointments of one site and day, in the order of their time."""

    day: date
    site_id: str
    sites: list[InspectionSiteName]
    appointments: list[InspectionDue]


@dataclass(frozen=True)
class Inspecting:
    """The adapters that the list of the day takes."""

    cities: Cities
    slots: Slots
    applications: Applications

    @classmethod
    def from_env(cls) -> Self:
        return cls(Cities.from_env(), Slots.from_env(), Applications.from_env())

    def day(self, call: Call[Any]) -> InspectionDay:
        """The appointments of a day. Raises SlotUnknown for a site that is not."""
        sites = self.cities.current().inspection.sites
        names = [each.site_id for each in sites]
        usual = call.caller.unit if call.caller.unit in names else names[0]
        site_id, day = call.query.get("site") or usual, call.day("day") or today()
        if site_id not in names:
            raise SlotUnknown
        rows = {str(row["application_id"]): row for row in self.slots.taken(site_id, str(day))}
        cases = self.applications.read_many(sorted(rows))
        seen = Disclosing().listed(call, cases)
        due = [_due(rows[each.application_id], each, site_id, day) for each in seen]
        return InspectionDay(
            day=day,
            site_id=site_id,
            sites=[InspectionSiteName(site_id=each.site_id, name=each.name) for each in sites],
            appointments=sorted(due, key=lambda each: (each.at, each.bay)),
        )


def _due(row: Row, case: Application, site_id: str, day: date) -> InspectionDue:
    at, _, bay = str(row["slot_key"]).partition("#")
    held = case.appointment
    here = (held.get("site_id"), held.get("day"), held.get("at")) == (site_id, str(day), at)
    return InspectionDue(
        at=at,
        bay=int(bay) + 1,
        application_id=case.application_id,
        vin_masked=mask_vin(case.vin),
        status=case.status,
        status_text=status_text(case),
        version=case.version,
        to_enter=here and case.status in _WAITING,
    )
