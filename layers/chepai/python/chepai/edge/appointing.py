"""Inspection appointments: list, book, move and cancel; one place serves one car at a time."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import Field

from chepai.domain import inspection_slots
from chepai.domain.application import Application
from chepai.domain.life_cycle import Act, Status
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile, InspectionSite
from chepai.domain.refusals import NoChoicesLeft, NotWaitingForThis, SlotTaken, SlotUnknown
from chepai.edge.acting import Acting
from chepai.edge.api import Answer, Body, Call
from chepai.edge.clock import today
from chepai.records.cities import Cities
from chepai.records.slots import Slots
from chepai.records.table import ConditionFailed

DAYS_AT_MOST = 3
"""Days of one answer: each day of each site is a read."""


class Slot(Answer):
    """One time of one day; `free` places."""

    at: str
    free: int


class SiteDay(Answer):
    """What is free at a site on a day."""

    site_id: str
    name: str
    kind: str
    address: str
    day: date
    slots: list[Slot]


class SiteDays(Answer):
    """Free places by site and day; `days` are all days that can be asked for."""

    days: list[date]
    sites: list[SiteDay]


class Wish(Body):
    """The place and time that an owner wants; `at` is the beginning, as HH:MM."""

    site_id: Annotated[str, Field(max_length=32)]
    day: date
    at: Annotated[str, Field(pattern=r"^[0-2][0-9]:[0-5][0-9]$")]


@dataclass(frozen=True)
class Slotting:
    """The adapters that listing appointments takes."""

    cities: Cities
    slots: Slots

    @classmethod
    def from_env(cls) -> Self:
        return cls(Cities.from_env(), Slots.from_env())

    def free(self, site_id: str | None, day: date | None) -> SiteDays:
        """Free places of one site or all. Raises SlotUnknown for a site or day that is not."""
        profile = self.cities.current()
        open_days = list(inspection_slots.days(today(), profile))
        sites = [each for each in profile.inspection.sites if site_id in {None, each.site_id}]
        asked = [each for each in open_days if day in {None, each}][:DAYS_AT_MOST]
        if not sites or not asked:
            raise SlotUnknown
        found = [self._of(site, each, profile) for each in asked for site in sites]
        return SiteDays(days=open_days, sites=found)

    def _of(self, site: InspectionSite, day: date, profile: CityProfile) -> SiteDay:
        rows = self.slots.taken(site.site_id, day.isoformat())
        taken = Counter(str(row["slot_key"]).partition("#")[0] for row in rows)
        return SiteDay(
            site_id=site.site_id,
            name=site.name,
            kind=site.kind,
            address=site.address,
            day=day,
            slots=[
                Slot(at=at, free=max(0, site.bays - taken[at]))
                for at in inspection_slots.times(profile)
            ],
        )


@dataclass(frozen=True)
class Appointing:
    """The adapters that an appointment takes."""

    acting: Acting
    slots: Slots

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env(), Slots.from_env())

    def book(self, call: Call[Any], wanted: Wish) -> Application:
        """Book a place; the same one again changes nothing, another one has to be moved to.

        Raises SlotUnknown, SlotTaken.
        """

        def work(before: Application, at: datetime) -> Application:
            if is_at(before, wanted):
                return before
            if before.appointment:
                raise NotWaitingForThis(status=before.status, act="book", possible="move")
            return self._take(before, wanted, at, call, "inspection_booked", moves=0)

        return self.acting.own(call, Act.BOOK_INSPECTION, work)

    def move(self, call: Call[Any], wanted: Wish) -> Application:
        """Move it, as often as the city allows. Raises NoChoicesLeft beyond."""

        def work(before: Application, at: datetime) -> Application:
            if is_at(before, wanted):
                return before
            if not before.appointment:
                raise NotWaitingForThis(status=before.status, act="move", possible="book")
            moves = int(before.appointment["moves"]) + 1
            if moves > self.acting.profile(before).inspection.moves_max:
                raise NoChoicesLeft
            return self._take(before, wanted, at, call, "inspection_moved", moves=moves)

        return self.acting.own(call, Act.BOOK_INSPECTION, work)

    def cancel(self, call: Call[Any]) -> Application:
        """Give the place back; without one there is nothing to do."""

        def work(before: Application, at: datetime) -> Application:
            if not before.appointment:
                return before
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(),
                act="inspection_cancelled",
                at=at,
                also=[self._releasing(before)],
                appointment={},
            )

        return self.acting.own(call, Act.BOOK_INSPECTION, work)

    def _take(
        self,
        before: Application,
        wanted: Wish,
        at: datetime,
        call: Call[Any],
        act: str,
        *,
        moves: int,
    ) -> Application:
        profile = self.acting.profile(before)
        site = inspection_slots.site_named(wanted.site_id, profile)
        if site is None or not inspection_slots.is_offered(
            wanted.site_id, wanted.day, wanted.at, today=city_day(at), profile=profile
        ):
            raise SlotUnknown
        day = wanted.day.isoformat()
        released = [self._releasing(before)] if before.appointment else []
        for place in range(site.bays):
            slot_key = f"{wanted.at}#{place:02d}"
            booked = self.slots.booking(site.site_id, day, slot_key, before.application_id)
            appointment = {
                "site_id": site.site_id,
                "site": site.name,
                "address": site.address,
                "day": day,
                "at": wanted.at,
                "slot_key": slot_key,
                "moves": moves,
            }
            try:
                return self.acting.casework.move(
                    before,
                    Status(before.status),
                    by=call.caller.actor(),
                    act=act,
                    at=at,
                    also=[booked, *released],
                    appointment=appointment,
                )
            except ConditionFailed:
                continue
        raise SlotTaken

    def _releasing(self, before: Application) -> dict[str, Any]:
        held = before.appointment
        return self.slots.releasing(
            held["site_id"], held["day"], held["slot_key"], before.application_id
        )


def is_at(application: Application, wanted: Wish) -> bool:
    """Whether the appointment is there and then already."""
    held = application.appointment
    return bool(held) and (held["site_id"], held["day"], held["at"]) == (
        wanted.site_id,
        wanted.day.isoformat(),
        wanted.at,
    )
