"""What has been kept long enough goes: once a day, person by person, and the ledger says so.

Each record carries the day on which it is looked at next, so nothing is ever scanned. Days that
were missed are looked at too. What goes elsewhere by itself: raw messages by the archive's own
retention, logs by their groups', repeated requests by their rows' time to live.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from chepai.domain import personal_data
from chepai.domain.ledger import SYSTEM, Actor
from chepai.edge.clock import now
from chepai.edge.observing import tell
from chepai.records.accesses import Accesses
from chepai.records.applications import Applications, stamp
from chepai.records.cities import Cities
from chepai.records.people import People

DAYS_BACK = 7
"""How many missed days are made up for; a longer outage is made up for by running it by hand."""
BY = Actor(role=SYSTEM, id="end_retention")


@dataclass(frozen=True)
class Retention:
    """The adapters that the daily look takes."""

    people: People
    applications: Applications
    cities: Cities
    book: Accesses

    @classmethod
    def from_env(cls) -> Self:
        return cls(People.from_env(), Applications.from_env(), Cities.from_env(), Accesses())

    def look(self, at: datetime | None = None, *, days_back: int = DAYS_BACK) -> int:
        """Look at everybody who is due; answers of how many something went."""
        moment = at or now()
        ended = sum(self._look_at(each, moment) for each in self._due(moment, days_back))
        tell("retention", count=ended)
        return ended

    def _due(self, at: datetime, days_back: int) -> Iterator[str]:
        for back in range(days_back, -1, -1):
            yield from self.people.to_look_at((at - timedelta(days=back)).date().isoformat())

    def _look_at(self, person_id: str, at: datetime) -> bool:
        row = self.people.open_row(person_id)
        if row is None:
            return False
        found = personal_data.due(
            row["fields"],
            self.applications.of_person(person_id),
            kept_at=datetime.fromisoformat(str(row.get("kept_at", stamp(at)))),
            now=at,
            privacy=self.cities.current().privacy,
            banned=str(row.get("banned_until", "")) > stamp(at),
        )
        if found.ended:
            # Entered first: an end that is told of and repeated is better than one nobody knows.
            rules = {field: rule.value for field, rule in found.ended.items()}
            self.book.append(person_id, "data_ended", {"fields": rules}, actor=BY)
            self.people.forget(person_id, found.ended)
        self.people.look_again(person_id, found.look_again)
        return bool(found.ended)
