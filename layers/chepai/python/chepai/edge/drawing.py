"""The draw of a period (R164 Art. 67): the seed bound before it, the cases fixed after it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Self

from chepai.domain import rechecks
from chepai.domain.ledger import SYSTEM, Actor
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.rechecks import Period, Stratum
from chepai.domain.supervision import hands_of
from chepai.domain.tracing import DAY, Place
from chepai.edge.blind import Draws
from chepai.edge.clock import now
from chepai.edge.observing import tell
from chepai.records.applications import Applications, stamp
from chepai.records.cities import Cities
from chepai.records.seals import Seals
from chepai.records.supervision import DRAWS, RECHECKS, Supervision, case_key, draw_key
from chepai.records.table import Row, transact
from chepai.records.traces import Traces

COMMITTED, DRAWN, LISTED = "committed", "drawn", "listed"
WAITING, CLAIMED, DONE = "waiting", "claimed", "done"
_BY = Actor(role=SYSTEM, id="draw_rechecks")
_AT_ONCE = 20


@dataclass(frozen=True)
class Drawing:
    """The adapters that a draw takes. Every step may be repeated and is done once."""

    supervision: Supervision
    traces: Traces
    applications: Applications
    cities: Cities
    seals: Seals
    draws: Draws

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Supervision.from_env(),
            Traces.from_env(),
            Applications.from_env(),
            Cities.from_env(),
            Seals.from_env(),
            Draws.from_env(),
        )

    def all_due(self) -> dict[str, int]:
        """Bind the seed of this and the next period, and draw from those that are over."""
        profile, moment = self.cities.current(), now()
        minutes = profile.supervision.period_minutes
        this = rechecks.period_at(moment, minutes)
        done: Counter[str] = Counter()
        for period in (this, rechecks.period_at(this.end, minutes)):
            done["bound"] += self._bind(period, profile)
        # A draw lies on its desk until its cases do: a stopped clock makes nothing lost.
        bound, _ = self.supervision.on_desk(DRAWS, limit=_AT_ONCE)
        for row in bound:
            if row["due_at"] <= stamp(moment):
                done["drawn"] += self._draw(row, moment)
        return dict(done)

    def _bind(self, period: Period, profile: CityProfile) -> bool:
        """Publish the hash of the seed, and the quota, before anybody knows the cases."""
        rules = profile.supervision
        row = draw_key(period.name) | {
            "period": period.name,
            "first": stamp(period.first),
            "end": stamp(period.end),
            "standing": COMMITTED,
            "desk": DRAWS,
            "due_at": stamp(period.end),
            "commitment": rechecks.commitment(self._seed(period.name)),
            "quota": {
                Stratum.REISSUED.value: rules.reissued_basis_points,
                Stratum.REFUSED.value: rules.refused_basis_points,
                Stratum.REGISTERED.value: rules.registered_basis_points,
            },
            "at_least": rules.at_least,
            "profile_version": profile.version,
        }
        if self.supervision.draw(period.name):
            return False
        return self.supervision.enter(
            row, actor=_BY, act="draw_bound", at=stamp(now()), rule=profile.version
        )

    def _draw(self, row: Row, moment: datetime) -> bool:
        profile = self.cities.profile(row["profile_version"])
        if row["standing"] == COMMITTED:
            settled = _later(row["end"], minutes=profile.supervision.settle_minutes)
            head = self.seals.head()
            if head is None or head.sealed_at < settled:
                # What was decided is known when all of it is sealed; the next run looks again.
                return False
            self._draw_from(row, head.root, stamp(moment))
            row = self.supervision.draw(row["period"]) or row
        self._list(row, profile, moment)
        return True

    def _draw_from(self, row: Row, beacon: str, at: str) -> None:
        """Show the seed and fix the cases that it hits, in one entry."""
        population = population_of(self.traces, row)
        seed = self._seed(row["period"])
        hit = rechecks.draw(
            population,
            row["quota"],
            at_least=row["at_least"],
            seed=seed,
            beacon=beacon,
            period=row["period"],
        )
        drawn = {each.application_id: each.stratum.value for each in hit}
        self.supervision.change(
            row,
            actor=_BY,
            act="cases_drawn",
            at=at,
            standing=DRAWN,
            seed=seed,
            beacon=beacon,
            population_digest=rechecks.digest_of(population),
            drawn_digest=rechecks.digest_of(drawn),
            counts=dict(Counter(population.values())),
            drawn=drawn,
        )

    def _list(self, row: Row, profile: CityProfile, moment: datetime) -> None:
        """Put each drawn case on the desk, with everybody who had a hand in it."""
        due = profile.end_of(
            profile.supervision.recheck, city_day(moment), rule_id="supervision.recheck"
        ).last_day.isoformat()
        for application_id, stratum in sorted(row.get("drawn", {}).items()):
            case = self.applications.read(application_id)
            hands = hands_of(self.applications.ledger.of(application_id)) | {case.person_id}
            self.supervision.enter(
                case_key(row["period"], application_id)
                | {
                    "period": row["period"],
                    "application_id": application_id,
                    "stratum": stratum,
                    "standing": WAITING,
                    "hands": sorted(hands),
                    "desk": RECHECKS,
                    "due_at": due,
                },
                actor=_BY,
                act="recheck_due",
                at=stamp(moment),
                rule=profile.version,
            )
        listed = self.supervision.changing(
            row,
            actor=_BY,
            act="cases_listed",
            at=stamp(moment),
            standing=LISTED,
            desk=None,
            due_at=None,
        )
        transact(*listed)
        tell("drawn", count=len(row.get("drawn", {})))

    def _seed(self, period: str) -> str:
        # From KMS: the same for every repetition, known to nobody, and kept nowhere.
        return sha256(self.draws("recheck", period).encode()).hexdigest()


def population_of(traces: Traces, row: Mapping[str, Any]) -> dict[str, str]:
    """Every case that was decided in a period, with its stratum, by the threads of its days."""
    first, end = str(row["first"]), str(row["end"])
    day = datetime.fromisoformat(first).date()
    last = datetime.fromisoformat(end).date()
    noted: dict[str, set[str]] = defaultdict(set)
    while day <= last:
        for found in traces.between(DAY, day.isoformat(), first=first, before=end):
            noted[Place.of(found["place"]).chain].add(str(found["noted"]))
        day += timedelta(days=1)
    return {case: stratum.value for case, stratum in rechecks.strata(noted).items()}


def _later(text: str, *, minutes: int) -> str:
    moment = datetime.fromisoformat(text) + timedelta(minutes=minutes)
    return stamp(moment.astimezone(UTC))
