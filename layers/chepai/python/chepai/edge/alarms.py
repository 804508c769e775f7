"""Alarms: what happens unusually often becomes a finding, once, with its cases (R164 Art. 74)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

from chepai.domain.attribution import APPLICANT, OFFICER
from chepai.domain.ledger import SYSTEM, Actor
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.reissue import SERVICE as REISSUE
from chepai.domain.supervision import Alarm, window_of
from chepai.domain.tracing import ACTOR, DAY, SESSION, Noted, Place
from chepai.edge.clock import now
from chepai.edge.findings import Findings
from chepai.edge.ids import derived_id
from chepai.edge.observing import tell
from chepai.records.applications import stamp
from chepai.records.table import ConditionFailed, Row, transact
from chepai.records.traces import Traces

_BY = Actor(role=SYSTEM, id="watch_frequencies")
_LOOKS_BACK = timedelta(hours=26)
"""The acts that each run begins from: a day and more, so that a run that failed loses none."""
_CASES_SHOWN = 100
_DECIDERS = ("reviewer", "officer")
_REISSUES = frozenset({Noted.REISSUED, Noted.CONCERN})


class Frequent(NamedTuple):
    """Something that happened more often in its window than the city lets it.

    `about` tells one alarm from another and is never kept; `subject` is who is asked.
    """

    alarm: Alarm
    about: str
    subject: str
    cases: tuple[str, ...]
    most: int
    days: int


@dataclass(frozen=True)
class Watching:
    """The adapters that counting takes."""

    traces: Traces
    findings: Findings

    @classmethod
    def from_env(cls) -> Self:
        return cls(Traces.from_env(), Findings.from_env())

    def count(self) -> dict[str, int]:
        """Count for everybody who acted of late; each alarm is one finding, however often run."""
        profile, moment = self.findings.casework.cities.current(), now()
        raised: Counter[str] = Counter()
        for found in self._frequent(list(self._of_late(moment)), profile, moment):
            raised[found.alarm.value] += self._raise(found, profile, city_day(moment))
        return dict(raised)

    def _of_late(self, moment: datetime) -> Iterator[Row]:
        first = moment - _LOOKS_BACK
        for back in range((moment.date() - first.date()).days + 1):
            day = (first.date() + timedelta(days=back)).isoformat()
            yield from self.traces.between(DAY, day, first=stamp(first), before=stamp(moment))

    def _frequent(
        self, late: list[Row], profile: CityProfile, moment: datetime
    ) -> Iterator[Frequent]:
        risk = profile.risk
        filed = [row for row in late if row["noted"] == Noted.FILED]
        agents = {_by(row)[1] for row in filed if _by(row)[0] == "agent"}
        sessions = {str(row["session"]) for row in filed if row.get("session")}
        decided = [row for row in late if row["noted"] == Noted.OVERRIDE]
        for agent in sorted(agents):
            rows = self._since(ACTOR, f"agent#{agent}", risk.agent_window_days, moment)
            yield from _over(
                Alarm.ONE_AGENT, agent, agent, _of_principals(rows),
                risk.agent_principals_max, risk.agent_window_days,
            )  # fmt: skip
        for session in sorted(sessions):
            rows = self._since(SESSION, session, risk.device_window_days, moment)
            yield from _over(
                Alarm.ONE_DEVICE, session, session, _of_principals(rows),
                risk.device_principals_max, risk.device_window_days,
            )  # fmt: skip
        for role, decider in sorted({_by(row)[:2] for row in decided}):
            rows = self._since(ACTOR, f"{role}#{decider}", risk.override_window_days, moment)
            cases = [_case(row) for row in rows if row.get("noted") == Noted.OVERRIDE]
            yield from _over(
                Alarm.ONE_DECIDER,
                decider,
                decider,
                cases,
                risk.overrides_max,
                risk.override_window_days,
            )
        yield from self._reissues(
            [_case(row) for row in late if row["noted"] in _REISSUES], profile
        )

    def _reissues(self, cases: Iterable[str], profile: CityProfile) -> Iterator[Frequent]:
        """Reissues by car and by owner, from the owner's own applications."""
        risk, applications = profile.risk, self.findings.applications
        first = stamp(now() - timedelta(days=risk.reissue_window_days))
        looked: set[str] = set()
        for case in applications.read_many(sorted(set(cases))):
            if case.person_id in looked:
                continue
            looked.add(case.person_id)
            reissued = [
                each
                for each in applications.of_person(case.person_id)
                if each.service == REISSUE and each.certificate_no and each.submitted_at >= first
            ]
            yield from _over(
                Alarm.OWNER_REISSUED, case.person_id, case.person_id,
                [each.application_id for each in reissued],
                risk.owner_reissues_max, risk.reissue_window_days,
            )  # fmt: skip
            for vin in sorted({each.vin for each in reissued}):
                of_car = [each.application_id for each in reissued if each.vin == vin]
                yield from _over(
                    Alarm.CAR_REISSUED, vin, case.person_id, of_car,
                    profile.reissue.max_per_year, risk.reissue_window_days,
                )  # fmt: skip

    def _since(self, kind: str, value: str, days: int, moment: datetime) -> list[Row]:
        first = stamp(moment - timedelta(days=days))
        return self.traces.between(kind, value, first=first, before=stamp(moment))

    def _raise(self, found: Frequent, profile: CityProfile, today: date) -> bool:
        """Open the finding of an alarm; a further one when the limit is passed once more."""
        finding_id = derived_id(
            "fnd", found.alarm.value, found.about, window_of(today, found.days),
            len(found.cases) // (found.most + 1),
        )  # fmt: skip
        if self.findings.supervision.finding(finding_id):
            return False
        row = self.findings.about_many(
            profile,
            finding_id,
            alarm=found.alarm.value,
            party=OFFICER if found.alarm is Alarm.ONE_DECIDER else APPLICANT,
            party_id=found.subject,
            cases=found.cases[-_CASES_SHOWN:],
            by=_BY.id,
        )
        try:
            transact(*self.findings.opening(row, _BY))
        except ConditionFailed:
            return False
        tell("alarm", type=found.alarm.value, count=len(found.cases))
        return True


def _over(
    alarm: Alarm, about: str, subject: str, cases: Iterable[str], most: int, days: int
) -> Iterator[Frequent]:
    each = tuple(sorted(set(cases)))
    if len(each) > most:
        yield Frequent(alarm, about, subject, each, most, days)


def _of_principals(rows: Iterable[Row]) -> list[str]:
    """One case for each person who was filed for: it is people that are counted."""
    cases: dict[str, str] = {}
    for row in rows:
        if row.get("noted") == Noted.FILED:
            _, actor, principal = _by(row)
            cases.setdefault(principal or actor, _case(row))
    return list(cases.values())


def _by(row: Row) -> tuple[str, str, str]:
    role, actor, principal = [*str(row.get("by", "")).split("#"), "", "", ""][:3]
    return role, actor, principal


def _case(row: Row) -> str:
    return Place.of(row["place"]).chain
