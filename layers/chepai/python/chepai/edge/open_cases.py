"""All open cases as operators see them together: where each stands, who holds it, if it is late.

A container reads them once as a whole and then follows the ledger: every change of a case is an
entry there, so a look a few seconds later reads only the cases that changed meanwhile. No case has
an attribute or an index entry more for it, and many viewers cost as much as one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from chepai.domain import chasing
from chepai.domain.application import Application
from chepai.domain.chasing import Kind
from chepai.domain.drawn import state_of
from chepai.domain.life_cycle import HOLDERS, Status, is_open
from chepai.domain.whereabouts import UNREADABLE, lost
from chepai.edge.clock import now
from chepai.edge.observing import tell_trouble
from chepai.edge.pictures import machines
from chepai.records.applications import Applications, stamp
from chepai.records.cities import Cities
from chepai.records.ledger import Ledger

FRESH = timedelta(seconds=2)
"""How old what is shown may be: a page that asks every few seconds is never five behind."""
WHOLE = timedelta(minutes=15)
"""How often everything is read anew: what changes without an entry is seen then at the latest."""
_BEHIND = timedelta(seconds=20)
_AT_ONCE = 100


@dataclass(frozen=True)
class Standing:
    """One open case, no more of it than lists and counts need; times are ISO 8601 UTC."""

    application_id: str
    service: str
    status: str
    state: str
    holder: str
    since: str
    stuck: bool
    flagged: bool
    late_at: str

    def is_late(self, at: str) -> bool:
        """Whether whoever holds it, or the office, has used up its time."""
        return bool(self.late_at) and self.late_at < at


@dataclass
class OpenCases:
    """The open cases of the city, kept by a container and brought up to date when asked for."""

    applications: Applications
    ledger: Ledger
    cities: Cities
    _known: dict[str, Standing] = field(default_factory=dict)
    _seen: set[tuple[str, int]] = field(default_factory=set)
    _whole_at: datetime | None = None
    _looked_at: datetime | None = None

    @classmethod
    def from_env(cls) -> Self:
        return cls(Applications.from_env(), Ledger.from_env(), Cities.from_env())

    def now(self) -> tuple[Sequence[Standing], str]:
        """The open cases, and when they were looked at."""
        at = now()
        if self._whole_at is None or self._looked_at is None or at - self._whole_at > WHOLE:
            self._read_all(at)
        elif at - self._looked_at > FRESH:
            self._follow(self._looked_at, at)
        return list(self._known.values()), stamp(self._looked_at or at)

    def _read_all(self, at: datetime) -> None:
        found = self.applications.due(HOLDERS, "9999")
        self._known, self._seen = {}, set()
        view = self.applications.for_views()
        for first in range(0, len(found), _AT_ONCE):
            self._note(view.read_many(found[first : first + _AT_ONCE]))
        self._whole_at = self._looked_at = at

    def _follow(self, since: datetime, at: datetime) -> None:
        """Read anew what the ledger tells has changed.

        An index lags: the last moments are looked at again each time.
        """
        written = {
            place for place in self.ledger.written(since - _BEHIND, at) if place[0][:4] == "app_"
        }
        changed = sorted({chain for chain, _ in written - self._seen})
        self._seen, self._looked_at = written, at
        self._note(self.applications.read_many(changed))

    def _note(self, found: Iterable[Application]) -> None:
        for each in found:
            self._known.pop(each.application_id, None)
            if not each.queue_shard and not _is_open(each):
                continue
            self._known[each.application_id] = self._standing(each)

    def _standing(self, one: Application) -> Standing:
        return Standing(
            application_id=one.application_id,
            service=one.service,
            status=one.status,
            state=state_of(one, machines().get(one.service)),
            holder=chasing.holder_of(one),
            since=one.since or one.submitted_at,
            stuck=bool(one.stuck_because),
            flagged=bool(one.flagged),
            late_at=self._late_at(one),
        )

    def _late_at(self, one: Application) -> str:
        """When the time of the office or of whoever holds the case is over; "" for never.

        An owner's own time is the owner's affair.
        """
        if UNREADABLE.intersection(lost(one)):
            return one.since or one.submitted_at
        try:
            profile = self.cities.profile(one.profile_version)
            law = self.cities.profile(one.clock.get("law") or one.profile_version)
            running = chasing.limits(one, law, profile)
        except Exception as error:  # noqa: BLE001 (a case is listed whatever its profile holds)
            tell_trouble("no_limits", error, application_id=one.application_id)
            return ""
        ends = [each.ends for each in running if each.kind not in (Kind.OWNER, Kind.EXPECTED)]
        return stamp(min(ends)) if ends else ""


def _is_open(one: Application) -> bool:
    return one.status not in set(Status) or is_open(Status(one.status))
