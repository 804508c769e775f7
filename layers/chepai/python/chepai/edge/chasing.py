"""Chasing whoever is late, for the sweeper and for the reminders of the state machines."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from chepai.domain import chasing, legal_clock
from chepai.domain.application import Application
from chepai.domain.chasing import Due, Kind, Step
from chepai.domain.ledger import Actor
from chepai.domain.life_cycle import Status
from chepai.domain.profile import CityProfile
from chepai.edge.casework import Casework, notice
from chepai.edge.ids import derived_id
from chepai.edge.questions import Question
from chepai.edge.waiting_room import WaitingRoom

_TO_THE_OWNER = frozenset({Step.OWNER, Step.OWNER_AGAIN, Step.DELAY})


@dataclass(frozen=True)
class Chasing:
    """The adapters that chasing takes."""

    room: WaitingRoom
    casework: Casework

    @classmethod
    def of(cls, room: WaitingRoom) -> Self:
        return cls(room, Casework(room.applications, room.cities))

    def chase(self, application: Application, now: datetime, *, by: Actor) -> Application:
        """Take every step whose time has come, once; the case as it is then.

        Raises VersionConflict when somebody else changed the case meanwhile, and whatever an
        unreadable profile raises.
        """
        profile = self.casework.profile(application)
        law = self.casework.law(application) or profile
        if silent := legal_clock.accepted_by_silence(application, law, now):
            application = self._accept(application, silent, now, by)
        # Each step changes what the next one stands on; a chain has three, and few limits run.
        while found := chasing.due(application, law, profile, now):
            application = self._take(application, found[0], law, profile, now, by)
        return application

    def next_at(self, application: Application) -> datetime | None:
        """When the next step is due; None when no limit runs."""
        profile = self.casework.profile(application)
        return chasing.next_at(application, self.casework.law(application) or profile, profile)

    def _accept(
        self, before: Application, silent: dict[str, Any], now: datetime, by: Actor
    ) -> Application:
        """Nobody told the owner anything in time: accepted by law, and on a clerk's desk."""
        self._tell(replace(before, **silent), "accepted_by_silence", silent["legal_end"])
        return self.casework.move(
            before,
            Status(before.status),
            by=by,
            act="accepted_by_silence",
            at=now,
            rule="ALL-32-4",
            stuck=True,
            **silent,
        )

    def _take(
        self,
        before: Application,
        due: Due,
        law: CityProfile,
        profile: CityProfile,
        now: datetime,
        by: Actor,
    ) -> Application:
        clock = chasing.taken(before, due, law, profile, now)
        after = replace(before, clock=clock)
        # Told before it is written down: a step that dies in between tells the same message again.
        if due.step in _TO_THE_OWNER:
            self._tell(after, due.step.value, due.limit.key)
        if due.limit.kind is not Kind.OWNER:
            self.room.questions.ask(*self._overdue(before, due))
        told = {
            "party": due.limit.party,
            "limit": due.limit.kind.value,
            "due_on": due.limit.last_day.isoformat(),
        }
        if whom := chasing.whom(due.step, profile.chain_of(due.limit.party))[0]:
            # An office and no person: who held it that day is in the city's own books.
            told["whom"] = whom
        if due.step is Step.DELAY:
            told["expected_on"] = clock["expected"]["on"]
        return self.casework.move(
            before, Status(before.status), by=by, act=due.step.value, at=now, told=told, clock=clock
        )

    def _tell(self, application: Application, template: str, *which: str) -> None:
        message_id = derived_id("msg", application.application_id, template, *which)
        self.room.questions.ask(notice(application, template, message_id))

    def _overdue(self, application: Application, due: Due) -> list[Question]:
        """To each partner whose answer the case waits for: which one, since when, at which rank."""
        silent = {
            (each.kind, each.partner): each for each in self.room.unanswered(application)
        }.values()
        return [
            replace(
                each,
                type="answer.overdue",
                request_id=derived_id("req", each.request_id, due.limit.key, due.step.value),
                message_id=derived_id("msg", each.message_id, due.limit.key, due.step.value),
                refs={
                    "overdue": each.request_id,
                    "due_on": due.limit.last_day.isoformat(),
                    "step": due.step.value,
                },
            )
            for each in silent
        ]
