"""The legal clock (法定期限): what starts it, what alone may stop it, what is left, when it ends.

It runs from acceptance to the decision, in days of the kind that the rule says; the day of
acceptance does not count. Before acceptance another one runs: who is not told within five working
days of what is missing counts as accepted from the day on which the application came in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from chepai.domain import periods
from chepai.domain.application import Application
from chepai.domain.facts import Agency
from chepai.domain.life_cycle import STAGES, Phase, Status
from chepai.domain.periods import Deadline, LegalPeriod, city_day
from chepai.domain.profile import LAW_CEILINGS, CityProfile
from chepai.domain.services import SERVICES

BY_SILENCE = "AcceptedBySilence"
"""Why a case lies on a clerk's desk that nobody answered in time."""


class Cause(StrEnum):
    """What alone may stop the clock; whatever else takes time, the office or an agency answers."""

    OWNER_CORRECTS = "owner_corrects"
    OWNER_CHOOSES = "owner_chooses"
    LENDER_JOINS = "lender_joins"
    INSPECTION = "inspection"
    INVESTIGATION = "investigation"


class Basis(NamedTuple):
    """The article that a pause rests on; one that is not sure is shown as to be confirmed."""

    article: str
    sure: bool


PAUSED_BY: Mapping[Cause, Basis] = {
    Cause.OWNER_CORRECTS: Basis("R164 Art. 3; ALL Art. 32(4)", sure=True),
    Cause.OWNER_CHOOSES: Basis("R164 Art. 43", sure=False),
    Cause.LENDER_JOINS: Basis("R164 Art. 32", sure=False),
    Cause.INSPECTION: Basis("ALL Art. 45", sure=True),
    Cause.INVESTIGATION: Basis("R164 Art. 74", sure=False),
}
"""An agency that is asked and stays silent is not among them: its time is the office's time."""

_UNTOLD = frozenset({Status.SUBMITTED, Status.VERIFYING})


@dataclass(frozen=True)
class Pause:
    """A stretch in which the clock stands still; `until` is None while it does."""

    cause: Cause
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """The clock as it stands. `left` counts today; while it is paused, `ends` is the day on which
    it would end if it went on today."""

    started_on: date
    days: int
    unit: periods.Unit
    left: int
    ends: Deadline
    promised: Deadline | None
    paused: Pause | None


def cause_of(application: Application) -> Cause | None:
    """What stops the clock where the case stands now; None when it runs."""
    if application.stuck_because:
        # Whatever the owner was asked for, it is the office that cannot go on.
        return None
    agencies = {card["who_must_act"] for card in application.reasons}
    match Status(application.status):
        case Status.NEEDS_CORRECTION | Status.AWAITING_SOURCE:
            if Agency.OWNER in agencies:
                return Cause.OWNER_CORRECTS
            return Cause.LENDER_JOINS if agencies == {Agency.LENDER} else None
        case Status.ON_SITE_REQUIRED:
            return Cause.INSPECTION
        case Status.CONVERTED_ON_SITE:
            return Cause.INVESTIGATION
        case Status.AWAITING_OWNER | Status.AWAITING_FEE:
            return Cause.OWNER_CHOOSES
    return None


def started_at(application: Application) -> datetime | None:
    """When the case was accepted, by the office or by its silence; None before that."""
    since = application.clock.get("from") or application.accepted_at
    return datetime.fromisoformat(str(since)) if since else None


def is_decided(application: Application) -> bool:
    """Whether the clock has done its work: registered, refused or withdrawn."""
    after = STAGES[Status(application.status)].phase is not Phase.BEFORE_REGISTRATION
    return after or bool(application.ending)


def runs(application: Application) -> bool:
    """Whether there is a clock now, running or paused."""
    return started_at(application) is not None and not is_decided(application)


def pauses_of(application: Application) -> list[Pause]:
    """Every pause, the open one last."""
    return [
        Pause(
            Cause(kept["because"]),
            datetime.fromisoformat(kept["from"]),
            datetime.fromisoformat(kept["to"]) if kept.get("to") else None,
        )
        for kept in application.clock.get("pauses", ())
    ]


def paused(application: Application) -> Pause | None:
    """The pause that the clock is in."""
    found = pauses_of(application)
    return found[-1] if found and found[-1].until is None else None


def turned(before: Application, after: Application, at: str) -> dict[str, Any] | None:
    """The clock of a case that came to stand elsewhere: a pause begun or ended at this moment.

    None when nothing changes, which is so for every case that goes straight on.
    """
    clock = dict(after.clock)
    if started_at(after) is None:
        # Once the owner was told, the days of silence begin anew with what is handed in then.
        again = not is_untold(before) and is_untold(after)
        return {**clock, "received": at} if again else None
    now_in, pauses = paused(after), [dict(each) for each in clock.get("pauses", ())]
    cause = None if is_decided(after) else cause_of(after)
    if cause is (now_in.cause if now_in else None):
        return None
    if now_in:
        pauses[-1]["to"] = at
    if cause:
        pauses.append({"because": cause.value, "from": at})
    return {**clock, "pauses": pauses}


def is_untold(application: Application) -> bool:
    """Whether the owner still waits to hear if anything is missing on their side."""
    if started_at(application) is not None or is_decided(application):
        return False
    if application.status in _UNTOLD:
        return True
    # Told only that an agency is silent, the owner has been told of nothing to complete.
    waits = application.status == Status.AWAITING_SOURCE
    return waits and Agency.OWNER not in {card["who_must_act"] for card in application.reasons}


def received_at(application: Application) -> datetime:
    """When what the office now looks at came in."""
    return datetime.fromisoformat(
        str(application.clock.get("received") or application.submitted_at)
    )


def silence_ends(application: Application, profile: CityProfile) -> Deadline:
    """The last day to tell what is missing (ALL Art. 32(4), R164 Art. 3)."""
    return profile.deadline("tell_once", city_day(received_at(application)))


def accepted_by_silence(
    application: Application, profile: CityProfile, now: datetime
) -> dict[str, Any] | None:
    """What changes when nobody told the owner anything in time; None while there is time.

    The law counts the case as accepted from the day on which it came in, not from today.
    """
    if not is_untold(application) or not silence_ends(application, profile).missed(now):
        return None
    since = received_at(application)
    end = deadline_of(application.service, since, profile)
    return {
        "clock": {**application.clock, "from": since.isoformat(), "silent": True},
        "legal_end": end.last_day.isoformat(),
        "stuck_because": BY_SILENCE,
    }


def period_of(service: str, accepted_on: date, law: CityProfile) -> LegalPeriod:
    """The period for a decision: the city's, and never longer than the law of that day."""
    limit = SERVICES[service].limit
    span = getattr(law.limits, limit)
    rule = periods.rule(LAW_CEILINGS[f"limits.{limit}"], accepted_on)
    if span.unit is rule.unit and span.n <= rule.n:
        return LegalPeriod(f"limits.{limit}", span.n, span.unit, rule.source)
    return rule


def deadline_of(
    service: str, accepted_at: datetime, law: CityProfile, *, pauses: list[Pause] | None = None,
    today: date | None = None,
) -> Deadline:  # fmt: skip
    """The last day for a decision, under the law in force at acceptance."""
    start = city_day(accepted_at)
    return periods.deadline(
        period_of(service, start, law), start, law.work_calendar, stopped=_days(pauses, today)
    )


def ends_on(application: Application, law: CityProfile, today: date) -> Deadline | None:
    """The same for a case with its pauses; None before acceptance."""
    since = started_at(application)
    if since is None:
        return None
    pauses = pauses_of(application)
    return deadline_of(application.service, since, law, pauses=pauses, today=today)


def reading(application: Application, law: CityProfile, now: datetime) -> Reading | None:
    """How the clock stands; None when there is none or when it has done its work."""
    since, today = started_at(application), city_day(now)
    if since is None or is_decided(application):
        return None
    start, stopped = city_day(since), _days(pauses_of(application), today)
    period = period_of(application.service, start, law)
    ends = periods.deadline(period, start, law.work_calendar, stopped=stopped)
    days = periods.counted_days(period, start, ends.last_day, law.work_calendar, stopped=stopped)
    return Reading(
        started_on=start,
        days=period.n,
        unit=period.unit,
        left=sum(day >= today for day in days),
        ends=ends,
        promised=_promised(application.service, start, law, stopped, ends),
        paused=paused(application),
    )


def _promised(
    service: str, start: date, law: CityProfile, stopped: list[tuple[date, date]], ends: Deadline
) -> Deadline | None:
    span = getattr(law.promise, SERVICES[service].limit)
    period = LegalPeriod("promise", span.n, span.unit, law.version)
    promised = periods.deadline(period, start, law.work_calendar, stopped=stopped)
    return promised if promised.last_day < ends.last_day else None


def _days(pauses: list[Pause] | None, today: date | None) -> list[tuple[date, date]]:
    """Pauses in legal days; an open one lasts until today."""
    return [
        (city_day(each.since), city_day(each.until) if each.until else (today or date.min))
        for each in pauses or ()
    ]
