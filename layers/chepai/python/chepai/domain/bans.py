"""How long a person who deceived the office may not apply (R164 Arts 80 and 81)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chepai.domain.calendar import WorkCalendar
from chepai.domain.periods import DECEIT_BAN, FALSE_STATEMENT_BAN, deadline, rule
from chepai.domain.refusals import BannedFromApplying


class Deceit(StrEnum):
    """What was done: facts hidden or falsified in applying, or registration got by deceit."""

    FALSE_STATEMENT = "false_statement"
    OBTAINED_BY_DECEIT = "obtained_by_deceit"


PERIODS = {
    Deceit.FALSE_STATEMENT: FALSE_STATEMENT_BAN,
    Deceit.OBTAINED_BY_DECEIT: DECEIT_BAN,
}
RULES = {Deceit.FALSE_STATEMENT: "R164-80", Deceit.OBTAINED_BY_DECEIT: "R164-81"}


@dataclass(frozen=True)
class Ban:
    """A ban on one person; `until` is its last day."""

    deceit: Deceit
    until: date

    @property
    def rule(self) -> str:
        return RULES[self.deceit]


def ban(deceit: Deceit, decided_on: date) -> Ban:
    """The ban that follows a decision; the day of the decision itself does not count."""
    years = rule(PERIODS[deceit], decided_on)
    return Ban(deceit, deadline(years, decided_on, WorkCalendar()).last_day)


def banned_until(bans: Iterable[Ban], today: date) -> date | None:
    """The last day of the longest ban that still runs; None when the person may apply."""
    return max((each.until for each in bans if today <= each.until), default=None)


def may_apply(bans: Iterable[Ban], today: date) -> None:
    """Raises BannedFromApplying while a ban runs."""
    until = banned_until(bans, today)
    if until is not None:
        raise BannedFromApplying(until=until.isoformat())
