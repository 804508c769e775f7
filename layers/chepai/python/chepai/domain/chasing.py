"""Chasing whoever is late: who is reminded, who hears of it next, and what the owner is told.

Every limit that runs for a case has a chain of steps, each at a share of its time. A step that was
taken is written into the case with its limit, so that it is taken once, whoever looks how often.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from chepai.domain import legal_clock
from chepai.domain.application import Application
from chepai.domain.life_cycle import CLERK, COURIER, HOLDERS, INSPECTOR, OWNER, Status, is_open
from chepai.domain.periods import CITY_TIME, LegalPeriod, city_day, counted_days, instant_of
from chepai.domain.profile import Chain, CityProfile, Span
from chepai.domain.routing import needs_machine
from chepai.domain.services import SERVICES

_A_DAY = timedelta(days=1)


class Kind(StrEnum):
    """Whose time runs: the law's two clocks, the party's own limit, and a date newly named."""

    TELLING = "telling"
    DECISION = "decision"
    PARTY = "party"
    OWNER = "owner"
    EXPECTED = "expected"


class Step(StrEnum):
    """What is done about it; the words are acts of the ledger and notices of the catalogue."""

    REMINDER = "reminder_sent"
    SUPERVISOR = "supervisor_told"
    HEAD = "head_told"
    DELAY = "delay_announced"
    OWNER = "owner_reminded"
    OWNER_AGAIN = "owner_reminded_again"


@dataclass(frozen=True)
class Limit:
    """A time that runs; `days` are the legal days that count, none for one of hours."""

    kind: Kind
    party: str
    begins: datetime
    ends: datetime
    days: tuple[date, ...] = ()

    @property
    def key(self) -> str:
        """The name under which the steps of this very limit are remembered."""
        return f"{self.kind}@{self.ends:%Y%m%dT%H%M}"

    @property
    def last_day(self) -> date:
        return city_day(self.ends - timedelta(seconds=1))

    def at(self, percent: int) -> datetime:
        """The instant at which so much of the time is over."""
        if not self.days:
            return self.begins + (self.ends - self.begins) * percent / 100
        whole, part = divmod(len(self.days) * percent, 100)
        return instant_of(self.days[whole]) + _A_DAY * part / 100


@dataclass(frozen=True)
class Due:
    """A step whose time has come, `nth` in the chain of its limit."""

    step: Step
    limit: Limit
    nth: int
    at: datetime


def limits(application: Application, law: CityProfile, profile: CityProfile) -> list[Limit]:
    """Every time that runs for a case now, by law and by agreement."""
    if not is_open(Status(application.status)):
        return []
    if application.ending and needs_machine(application):
        # The way back is the machine's: it reminds the payment office and then a clerk.
        return []
    holder = holder_of(application)
    found = [each for each in (_legal(application, law, holder),) if each]
    own = _own(application, profile, holder)
    if not found or own.kind is Kind.OWNER or own.ends < found[0].ends:
        found.append(own)
    if expected := _expected(application, {each.key for each in found}, holder):
        found.append(expected)
    return found


def steps_of(limit: Limit, others: list[Limit], profile: CityProfile) -> Iterator[Due]:
    """The chain of one limit. The party that its own limit chases already is chased once."""
    share = profile.escalation
    chain: list[tuple[Step, int]]
    match limit.kind:
        case Kind.OWNER:
            chain = [(Step.OWNER, share.remind_percent), (Step.OWNER_AGAIN, share.head_percent)]
        case Kind.EXPECTED:
            chain = [(Step.DELAY, share.head_percent)]
        case Kind.PARTY:
            last = Step.DELAY if _is_told(limit.party) else Step.HEAD
            chain = [*_chased(profile), (last, share.head_percent)]
        case _:
            by_party = any(each.kind is Kind.PARTY for each in others)
            chain = [*([] if by_party else _chased(profile)), (Step.DELAY, share.head_percent)]
    for nth, (step, percent) in enumerate(chain, start=1):
        yield Due(step, limit, nth, limit.at(percent))


def due(
    application: Application, law: CityProfile, profile: CityProfile, now: datetime
) -> list[Due]:
    """The steps whose time has come and that were not taken, the earliest first."""
    return [each for each in _open_steps(application, law, profile) if each.at <= now]


def next_at(application: Application, law: CityProfile, profile: CityProfile) -> datetime | None:
    """When somebody has to look for the sake of a limit; None when no step is left."""
    moments = [each.at for each in _open_steps(application, law, profile)]
    if legal_clock.is_untold(application):
        moments.append(legal_clock.silence_ends(application, law).ends_at)
    return min(moments, default=None)


def taken(
    application: Application, step: Due, law: CityProfile, profile: CityProfile, now: datetime
) -> dict[str, Any]:
    """The case's clock with a step taken; with a delay comes the new date.

    Only limits that still run are remembered.
    """
    running = limits(application, law, profile)
    chased = dict(application.clock.get("chased", {})) | {step.limit.key: step.nth}
    kept = {limit.key: chased[limit.key] for limit in running if limit.key in chased}
    clock = {**application.clock, "chased": kept}
    if step.step is Step.DELAY:
        again = step.limit.kind is Kind.EXPECTED
        clock["expected"] = {
            "for": application.clock["expected"]["for"] if again else step.limit.key,
            "from": now.isoformat(),
            "on": new_date(step.limit, profile, now).isoformat(),
        }
    return clock


def new_date(limit: Limit, profile: CityProfile, now: datetime) -> date:
    """The date that is named instead of one that will be missed: after it, and not in the past."""
    start = max(limit.last_day, city_day(now))
    return profile.end_of(profile.escalation.new_date, start, rule_id="new_date").last_day


def expected_on(application: Application, law: CityProfile, profile: CityProfile) -> date | None:
    """The date last named to the owner, while the limit it stands for still runs."""
    running = limits(application, law, profile)
    dates = [each.last_day for each in running if each.kind is Kind.EXPECTED]
    return dates[0] if dates else None


def whom(step: Step, chain: Chain) -> tuple[str, str]:
    """Who hears of it, in Chinese and English; nobody else for a reminder."""
    match step:
        case Step.SUPERVISOR:
            return chain.supervisor, chain.supervisor_en
        case Step.HEAD | Step.DELAY:
            return chain.head, chain.head_en
    return "", ""


def holder_of(application: Application) -> str:
    """Who holds the case, by the queue it lies in; a clerk what lies in none."""
    return application.queue_shard.rpartition("#")[0] or CLERK


def _open_steps(application: Application, law: CityProfile, profile: CityProfile) -> list[Due]:
    running = limits(application, law, profile)
    done: Mapping[str, int] = application.clock.get("chased", {})
    steps = [
        each
        for limit in running
        for each in steps_of(limit, running, profile)
        if each.nth > int(done.get(limit.key, 0))
    ]
    return sorted(steps, key=lambda each: each.at)


def _chased(profile: CityProfile) -> list[tuple[Step, int]]:
    share = profile.escalation
    return [(Step.REMINDER, share.remind_percent), (Step.SUPERVISOR, share.supervisor_percent)]


def _is_told(party: str) -> bool:
    """Whether the owner was told this party's date; the office's own limits are its own affair."""
    return party.startswith("agency:") or party in _MAKES_AND_BRINGS


_MAKES_AND_BRINGS = frozenset({"plate_maker", COURIER})


def _legal(application: Application, law: CityProfile, holder: str) -> Limit | None:
    """The law's clock, if one runs."""
    if legal_clock.is_untold(application):
        start = city_day(legal_clock.received_at(application))
        return _counted(Kind.TELLING, holder, start, law.limits.tell_once, law)
    since = legal_clock.started_at(application)
    if since is None or legal_clock.is_decided(application) or legal_clock.paused(application):
        return None
    start = city_day(since)
    stopped = [
        (city_day(each.since), city_day(each.until))
        for each in legal_clock.pauses_of(application)
        if each.until
    ]
    period = legal_clock.period_of(application.service, start, law)
    ends = legal_clock.deadline_of(
        application.service, since, law, pauses=legal_clock.pauses_of(application)
    )
    days = counted_days(period, start, ends.last_day, law.work_calendar, stopped=stopped)
    return Limit(Kind.DECISION, holder, since, ends.ends_at, tuple(days))


def _own(application: Application, profile: CityProfile, holder: str) -> Limit:
    """The time of the party that holds the case."""
    since, patience = datetime.fromisoformat(application.since), profile.patience
    if application.stuck_because:
        desk = datetime.fromisoformat(application.clock.get("desk") or application.since)
        return _counted(Kind.PARTY, CLERK, city_day(desk), profile.chain_of(CLERK).within, profile)
    plates = SERVICES[application.service].makes_plates
    seconds = {
        Status.AWAITING_OWNER: (OWNER, patience.wait_for_owner),
        Status.AWAITING_FEE: (OWNER, patience.wait_for_fee),
        Status.KEPT_FOR_PICK_UP: (OWNER, patience.keep_for_pick_up),
        Status.ON_SITE_REQUIRED: (OWNER, patience.wait_for_inspection),
        Status.IN_PRODUCTION: (
            holder,
            patience.make_plates_and_papers if plates else patience.print_certificate,
        ),
        Status.DISPATCHED: (holder, patience.send_parcel),
    }.get(Status(application.status))
    if holder == OWNER and seconds is None:
        seconds = (OWNER, patience.wait_for_correction)
    if seconds and holder != INSPECTOR:
        party, length = seconds
        kind = Kind.OWNER if party == OWNER else Kind.PARTY
        return Limit(kind, party, since, since + timedelta(seconds=length))
    party = holder if holder in HOLDERS else CLERK
    return _counted(Kind.PARTY, party, city_day(since), profile.chain_of(party).within, profile)


def _expected(application: Application, running: set[str], holder: str) -> Limit | None:
    said = application.clock.get("expected")
    if not said or said["for"] not in running:
        return None
    ends = instant_of(date.fromisoformat(said["on"]) + _A_DAY)
    return Limit(Kind.EXPECTED, holder, datetime.fromisoformat(said["from"]), ends)


def _counted(kind: Kind, party: str, start: date, span: Span, profile: CityProfile) -> Limit:
    ends = profile.end_of(span, start, rule_id=f"chasing.{kind}")
    period = LegalPeriod(f"chasing.{kind}", span.n, span.unit, profile.version)
    days = counted_days(period, start, ends.last_day, profile.work_calendar)
    begins = datetime(start.year, start.month, start.day, tzinfo=CITY_TIME)
    return Limit(kind, party, begins, ends.ends_at, tuple(days))
