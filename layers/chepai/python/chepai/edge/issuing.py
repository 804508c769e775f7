"""Temporary plates for the days without plates: calendar days, never past the policy."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from chepai.domain.application import Application
from chepai.domain.facts import FactKind, about_vin
from chepai.domain.life_cycle import Act, Status, before_registration
from chepai.domain.periods import city_day
from chepai.domain.refusals import ServiceNotOffered
from chepai.domain.temporary_plate import Need, kept, validity
from chepai.edge.acting import Acting
from chepai.edge.api import Answer, Call
from chepai.edge.texts import say_in_both
from chepai.edge.views import Texts

_COVERS = frozenset({"IN_FORCE", "BOUND"})


class TemporaryPlate(Answer):
    """The days on which it is good, both included."""

    location: str
    nth: int
    reason: str
    first_day: date
    last_day: date
    text: Texts


@dataclass(frozen=True)
class Issuing:
    """The adapters that issuing a temporary plate takes."""

    acting: Acting

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env())

    def issue(self, call: Call[Any]) -> TemporaryPlate:
        """A plate from today on; one that is still good is shown instead of another."""

        def work(before: Application, at: datetime) -> Application:
            profile = self.acting.profile(before)
            if not profile.features.temporary_plate_online:
                raise ServiceNotOffered
            need, day = need_of(before), city_day(at)
            if _good(before, need, day):
                return before
            starts, ends = self._policy(before)
            days = validity(
                need,
                issued_on=day,
                policy_starts_on=starts,
                policy_ends_on=ends,
                earlier=sum(each["reason"] == need for each in before.temporary_plates),
                profile=profile,
            )
            return self.acting.casework.move(
                before,
                Status(before.status),
                by=call.caller.actor(),
                act="temporary_plate_issued",
                at=at,
                temporary_plates=[*before.temporary_plates, kept(need, days)],
            )

        return _shown(self.acting.own(call, Act.TAKE_TEMPORARY_PLATE, work))

    def _policy(self, before: Application) -> tuple[date | None, date | None]:
        about = about_vin(before.vin)
        policy = self.acting.facts.newest(about, FactKind.COMPULSORY_INSURANCE)
        if policy is None or policy.says["status"] not in _COVERS:
            return None, None
        return _day(policy.says["starts_on"]), _day(policy.says["ends_on"])


def need_of(application: Application) -> Need:
    """Before registration the car has no number; after it only the plates are missing."""
    if before_registration(Status(application.status)):
        return Need.NOT_REGISTERED
    return Need.PLATES_NOT_READY


def _good(application: Application, need: Need, day: date) -> bool:
    last = application.temporary_plates[-1:] or [{"reason": "", "until": ""}]
    return last[0]["reason"] == need and str(last[0]["until"]) >= day.isoformat()


def _shown(application: Application) -> TemporaryPlate:
    last = application.temporary_plates[-1]
    return TemporaryPlate(
        location=f"/v1/applications/{application.application_id}",
        nth=len(application.temporary_plates),
        reason=last["reason"],
        first_day=_day(last["from"]),
        last_day=_day(last["until"]),
        text=say_in_both("notices", "temporary_plate_issued"),
    )


def _day(text: object) -> date:
    return date.fromisoformat(str(text))
