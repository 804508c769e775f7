"""What time brings to tickets, for the sweeper: a reminder, an escalation, an end, forgetting.

A ticket whose time has run out goes to the list of late ones, with who was told and why, and
whoever asked reads an apology with a new date; nothing waits for somebody to look.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Self

from chepai.domain import tickets
from chepai.domain.ledger import SYSTEM, Actor
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.refusals import VersionConflict
from chepai.domain.tickets import Ending, State, Step, Ticket
from chepai.edge.clock import now
from chepai.edge.observing import count, tell_trouble
from chepai.edge.ticketing import move, tell
from chepai.records.applications import stamp
from chepai.records.cities import Cities
from chepai.records.tickets import Kept, Tickets

OF_EACH_SHARD = 50
_BY = Actor(role=SYSTEM, id="sweep")


@dataclass(frozen=True)
class TicketChasing:
    """The adapters that chasing takes."""

    kept: Tickets

    @classmethod
    def from_env(cls) -> Self:
        return cls(Tickets.from_env())

    @cached_property
    def cities(self) -> Cities:
        # Most sweeps find nothing that is due.
        return Cities.from_env()

    def all_due(self) -> dict[str, int]:
        """Take the step that is due for each ticket; one that cannot be taken stops no other."""
        done: Counter[str] = Counter()
        for each in self.kept.due(stamp(now()), each=OF_EACH_SHARD):
            try:
                done[self._take(each)] += 1
            except VersionConflict:
                # Somebody answers it at this very moment.
                done["ticket_busy"] += 1
            except Exception as error:  # noqa: BLE001 (one bad ticket stops no other)
                tell_trouble("failed", error, ticket_id=each.ticket_id)
                done["ticket_failed"] += 1
        count("TicketsLate", done[Step.LATE])
        return dict(done)

    def _take(self, found: Ticket) -> str:
        kept = self.kept.read(found.ticket_id)
        profile, moment = self.cities.current(), now()
        due = tickets.next_step(kept.ticket, profile) if kept else None
        if kept is None or due is None or due.at > moment:
            return "ticket_left"
        match due.step:
            case Step.REMIND:
                self._move(kept, profile, due.step, reminded_at=stamp(moment))
            case Step.LATE:
                self._escalate(kept, profile, moment)
            case Step.NOT_RATED:
                closed = {"state": State.CLOSED, "ending": Ending.NOT_RATED}
                self._move(kept, profile, due.step, closed_at=stamp(moment), **closed)
            case Step.FORGET:
                # The keys go with the texts: nothing opens them again.
                move(self.kept, kept, profile, act=due.step, by=_BY, forget=True)
        return str(due.step)

    def _escalate(self, kept: Kept, profile: CityProfile, moment: datetime) -> None:
        ticket, chain = kept.ticket, profile.chain_of("office")
        new = profile.end_of(profile.escalation.new_date, city_day(moment), rule_id="new_date")
        because = tickets.why_late(ticket)
        late = {
            "for": ticket.owed_at,
            "at": stamp(moment),
            "because": because,
            "whom": chain.supervisor,
            "whom_en": chain.supervisor_en,
            "expected_on": new.last_day.isoformat(),
        }
        told = {"because": because, "owner": ticket.owner, "whom": chain.supervisor}
        # Told before it is written down: what dies in between tells the same message again.
        tell(ticket, "ticket_late", late["expected_on"])
        self._move(kept, profile, Step.LATE, counts={"late": 1}, told=told, late=late)

    def _move(self, kept: Kept, profile: CityProfile, step: Step, **changes: object) -> None:
        move(self.kept, kept, profile, act=step, by=_BY, **changes)  # type: ignore[arg-type]  # as move takes them
