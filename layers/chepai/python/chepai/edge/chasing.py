"""Chasing whoever is late, for the sweeper and for the reminders of the state machines."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from chepai.domain import chasing, legal_clock
from chepai.domain.application import Application
from chepai.domain.chasing import Due, Kind, Step
from chepai.domain.ledger import Actor
from chepai.domain.life_cycle import Status
from chepai.domain.periods import city_day
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

    def remind(
        self, before: Application, now: datetime, *, by: Actor, told: Mapping[str, Any]
    ) -> Application | None:
        """Remind by hand everybody whose answer a case waits for; None when it waits for nobody's.

        The limits that run for the case go on as they are.
        """
        silent = self._silent(before)
        if not silent:
            return None
        since = datetime.fromisoformat(before.since or before.submitted_at)
        overdue = {"due_on": city_day(since).isoformat(), "step": Step.REMINDER.value}
        which = ("by_hand", now.isoformat())
        self.room.questions.ask(*(_again(each, which, overdue) for each in silent))
        return self.casework.move(
            before,
            Status(before.status),
            by=by,
            act=Step.REMINDER.value,
            at=now,
            told={"party": chasing.holder_of(before), **told},
            clock={**before.clock, "reminded_at": now.isoformat()},
        )

    def _tell(self, application: Application, template: str, *which: str) -> None:
        message_id = derived_id("msg", application.application_id, template, *which)
        self.room.questions.ask(notice(application, template, message_id))

    def _overdue(self, application: Application, due: Due) -> list[Question]:
        """To each partner whose answer the case waits for: which one, since when, at which rank."""
        which = (due.limit.key, due.step.value)
        overdue = {"due_on": due.limit.last_day.isoformat(), "step": due.step.value}
        return [_again(each, which, overdue) for each in self._silent(application)]

    def _silent(self, application: Application) -> list[Question]:
        """The questions that nobody has answered, one for each partner."""
        asked = self.room.unanswered(application)
        return list({(each.kind, each.partner): each for each in asked}.values())


def _again(asked: Question, which: tuple[str, str], overdue: Mapping[str, str]) -> Question:
    """What tells a partner that the answer to a question is overdue; `which` time names it."""
    return replace(
        asked,
        type="answer.overdue",
        request_id=derived_id("req", asked.request_id, *which),
        message_id=derived_id("msg", asked.message_id, *which),
        refs={"overdue": asked.request_id, **overdue},
    )
