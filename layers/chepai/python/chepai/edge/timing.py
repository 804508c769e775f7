"""The legal clock in the words of an answer: what runs, why it stands still, and by when."""

from datetime import datetime

from chepai.domain import chasing, legal_clock
from chepai.domain.application import Application
from chepai.domain.legal_clock import PAUSED_BY
from chepai.domain.profile import CityProfile
from chepai.edge.api import Answer
from chepai.edge.texts import say_in_both


class Stopped(Answer):
    """Why the clock stands still, since when, and by which article."""

    because: str
    since: str
    rule: str
    rule_is_sure: bool


class LegalClock(Answer):
    """The time in which the office has to decide. Days are those of the city.

    `days_left` counts today; `ends_on` is the last day, while it is paused the earliest possible
    one; `provisional` says that the holidays of that year are not published yet; `promised_on` is
    there when the office promises less than the law; `accepted_by` is office or silence.
    """

    started_on: str
    accepted_by: str
    days: int
    unit: str
    days_left: int
    ends_on: str
    provisional: bool
    promised_on: str | None = None
    paused: Stopped | None = None
    text: dict[str, dict[str, str]]


class Delay(Answer):
    """An apology: it will not be done by the date told before, but is expected on another."""

    expected_on: str
    announced_at: str
    text: dict[str, dict[str, str]]


def clock_of(application: Application, law: CityProfile, now: datetime) -> LegalClock | None:
    """The clock as it stands; None before acceptance and after the decision."""
    read = legal_clock.reading(application, law, now)
    if read is None:
        return None
    standing = read.paused
    code = f"clock.paused.{standing.cause}" if standing else "clock.running"
    return LegalClock(
        started_on=read.started_on.isoformat(),
        accepted_by="silence" if application.clock.get("silent") else "office",
        days=read.days,
        unit=read.unit.value,
        days_left=read.left,
        ends_on=read.ends.last_day.isoformat(),
        provisional=read.ends.provisional,
        promised_on=read.promised.last_day.isoformat() if read.promised else None,
        paused=Stopped(
            because=standing.cause.value,
            since=standing.since.isoformat(),
            rule=PAUSED_BY[standing.cause].article,
            rule_is_sure=PAUSED_BY[standing.cause].sure,
        )
        if standing
        else None,
        text=say_in_both("states", code),
    )


def delay_of(application: Application, law: CityProfile, profile: CityProfile) -> Delay | None:
    """The date last announced instead of one that will be missed; None when none is."""
    said = chasing.expected_on(application, law, profile)
    if said is None:
        return None
    day = said.isoformat()
    return Delay(
        expected_on=day,
        announced_at=application.clock["expected"]["from"],
        text=say_in_both("notices", chasing.Step.DELAY.value, expected_on=day),
    )
