"""Waiting without a race: look, park the token, look again, ask, and be woken by the answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from chepai.domain.application import Application
from chepai.domain.facts import Fact, FactKind
from chepai.domain.waiting import (
    STEPS_OF_SERVICE,
    WAITING,
    AskAgain,
    Broken,
    Look,
    Settled,
    asked_before_registration,
    subject_of,
)
from chepai.edge import tokens
from chepai.edge.asking_for import ASKS, ASKS_WHEN_OVERDUE, OVERDUE, cancelling, overdue, repeated
from chepai.edge.clock import now
from chepai.edge.ids import derived_id
from chepai.edge.questions import Question, Questions
from chepai.edge.step import Task, Withdrawn
from chepai.records.applications import Applications
from chepai.records.cities import Cities
from chepai.records.facts import Facts
from chepai.records.waits import Wait, Waits

# Longer than any wait of any profile: an answered token is harmless, a forgotten one is not.
KEPT = timedelta(days=120)


@dataclass(frozen=True)
class WaitingRoom:
    """Where the tokens of waiting states lie until a fact answers them."""

    applications: Applications
    facts: Facts
    waits: Waits
    cities: Cities
    questions: Questions

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Applications.from_env(),
            Facts.from_env(),
            Waits.from_env(),
            Cities.from_env(),
            Questions.from_env(),
        )

    def wait(self, task: Task, application: Application | None = None) -> str | None:
        """Answer the token at once if the facts are there, else park it and ask.

        Raises `Withdrawn` when the case was stopped, except on the way back itself.
        """
        application = application or self.applications.read(task.application_id)
        if application.ending and not task.cause:
            raise Withdrawn
        wait = Wait(
            subject="",
            kind=FactKind.CORRECTION,
            application_id=task.application_id,
            run=task.run,
            step=task.step,
            token=task.token,
            request_id=request_of(task.step, application),
        )
        look = self.look(wait, application)
        if outcome := self._settle(wait, look):
            return outcome
        look, places = self._park_and_look(wait, look, [])
        if look.application.ending and not task.cause:
            # Stopped while the token was being parked: whoever stopped it has not seen it.
            self._forget(places)
            raise Withdrawn
        if outcome := self._settle(wait, look):
            self._forget(places)
            return outcome
        self._ask(task.step, look)
        return None

    def wake(self, wait: Wait) -> str | None:
        """A fact arrived for which this wait was parked: judge as the state itself would."""
        application = self.applications.read(wait.application_id)
        look = self.look(wait, application)
        places = [wait]
        if wait.kind not in WAITING[wait.step].awaits:
            # What arrived only says about whom to ask: a model, after the certificate.
            look, places = self._park_and_look(wait, look, places)
            if self._places(wait, look) != [wait]:
                self._forget([wait])
        if outcome := self._settle(wait, look):
            self._forget({*places, *self._places(wait, look)})
            return outcome
        if len(places) > 1 or self._was_unknown(wait.step, look):
            self._ask(wait.step, look)
        return None

    def withdraw(self, application: Application) -> int:
        """Tell every waiting state of a case that it was stopped; how many still waited."""
        if not application.ending:
            return 0
        steps = asked_before_registration(application.service)
        told = {wait.token for wait in self.parked(application, steps)}
        return sum(tokens.fail(token, "Withdrawn") for token in sorted(told))

    def parked(self, application: Application, steps: Iterable[str], *, run: int = 0) -> list[Wait]:
        """The tokens that states of a run (the current one when 0) hold, among the steps named."""
        certificate = self.facts.newest(f"vin#{application.vin}", FactKind.CERTIFICATE)
        known = {FactKind.CERTIFICATE: [certificate]} if certificate else {}
        places = [
            (subject, kind, step)
            for step in steps
            for kind in {*WAITING[step].awaits, *_stand_in(step)}
            if (subject := subject_of(kind, application, known))
        ]
        run = run or application.run
        return self.waits.of_application(application.application_id, run, places)

    def ask_again(self, wait: Wait, application: Application, nth: int) -> int:
        """Repeat the question of a parked state, in its form for the overdue; how many."""
        asker = ASKS_WHEN_OVERDUE.get(wait.step) or ASKS.get(wait.step)
        look = self.look(wait, application)
        asked = asker(look) if asker else []
        if asked:
            self.questions.ask(*(one for each in asked for one in overdue(each, nth, look)))
        return len(asked)

    def unanswered(self, application: Application) -> list[Question]:
        """The questions of a case that its waiting states still have no answer to."""
        parked = self.parked(application, STEPS_OF_SERVICE[application.service])
        waits = {each.step: each for each in parked if each.step in ASKS}.values()
        return [asked for wait in waits for asked in ASKS[wait.step](self.look(wait, application))]

    def cancel(self, application: Application, steps: Iterable[str]) -> int:
        """Call off what any run of a case still asks for; how many questions."""
        steps = tuple(steps)
        cancelled: dict[str, Question] = {}
        for run in range(1, application.run + 1):
            waits = self.parked(application, steps, run=run)
            for wait in {each.step: each for each in waits if each.step in ASKS}.values():
                for asked in ASKS[wait.step](self.look(wait, application)):
                    cancelled[asked.message_id] = cancelling(asked)
            # Called off before it is forgotten: a step that dies in between does both again.
            self.questions.ask(*cancelled.values())
            self._forget(waits)
        return len(cancelled)

    def look(self, wait: Wait, application: Application) -> Look:
        """Everything the rule of this state looks at, read consistently."""
        kinds = WAITING[wait.step].looks_at
        facts = self._read(
            (subject_of(kind, application, {}), kind)
            for kind in kinds
            if kind is not FactKind.ANNOUNCEMENT
        )
        if FactKind.ANNOUNCEMENT in kinds:
            # The certificate comes first: it says which model the announcement is about.
            model = subject_of(FactKind.ANNOUNCEMENT, application, facts)
            facts |= self._read([(model, FactKind.ANNOUNCEMENT)])
        profile = self.cities.profile(application.profile_version)
        return Look(application, facts, profile, now(), wait.request_id)

    def _park_and_look(
        self, wait: Wait, look: Look, places: Sequence[Wait]
    ) -> tuple[Look, list[Wait]]:
        """Park wherever the wait can end, and look again at what may have come meanwhile."""
        parked = list(places)
        while more := [place for place in self._places(wait, look) if place not in parked]:
            for place in more:
                self.waits.park(place, now=look.now, kept=KEPT)
            parked += more
            look = self._look_again(look, more)
        return look, parked

    def _read(self, places: Iterable[tuple[str | None, FactKind]]) -> dict[FactKind, list[Fact]]:
        """What is known at several places, in one read for each subject."""
        by_subject: dict[str, list[FactKind]] = {}
        for subject, kind in places:
            if subject:
                by_subject.setdefault(subject, []).append(kind)
        found: dict[FactKind, list[Fact]] = {}
        for subject, kinds in by_subject.items():
            found |= self.facts.of_kinds(subject, kinds)
        return found

    def _look_again(self, look: Look, parked: Iterable[Wait]) -> Look:
        parked, application = list(parked), look.application
        again = self._read((each.subject, each.kind) for each in parked)
        if any(each.subject == application.subject for each in parked):
            # The case itself answers: its owner, or somebody of the office, may have acted on it.
            application = self.applications.read(application.application_id)
        return Look(application, {**look.facts, **again}, look.profile, now(), look.request_id)

    def _places(self, wait: Wait, look: Look) -> list[Wait]:
        """Under which facts the token lies; while the model is unknown, under the certificate."""
        awaits = WAITING[wait.step].awaits
        found = [(subject_of(kind, look.application, look.facts), kind) for kind in awaits]
        if any(subject is None for subject, _ in found):
            found += [
                (subject_of(kind, look.application, look.facts), kind)
                for kind in _stand_in(wait.step)
            ]
        return [replace(wait, subject=subject, kind=kind) for subject, kind in found if subject]

    def _forget(self, places: Iterable[Wait]) -> None:
        for place in places:
            self.waits.forget(place)

    def _ask(self, step: str, look: Look) -> None:
        asked = ASKS[step](look) if step in ASKS else []
        verdict = WAITING[step].verdict(look)
        if isinstance(verdict, AskAgain):
            asked = [repeated(each, verdict.answer.version) for each in asked]
        elif look.application.escalation:
            # A reminder has asked already, in the form that cannot happen twice.
            asked = [each for each in asked if each.type not in OVERDUE]
        if asked:
            self.questions.ask(*asked)

    @staticmethod
    def _was_unknown(step: str, look: Look) -> bool:
        return isinstance(WAITING[step].verdict(look), AskAgain)

    def _settle(self, wait: Wait, look: Look) -> str | None:
        """Tell the token what the rule of its state says; None while the state has to wait."""
        verdict = WAITING[wait.step].verdict(look)
        if isinstance(verdict, Broken):
            tokens.fail(wait.token, verdict.error)
            return verdict.error
        if isinstance(verdict, Settled):
            tokens.answer(wait.token, verdict.outcome)
            return verdict.outcome
        return None


def request_of(step: str, application: Application) -> str:
    """The reference of a state's question, the same for every run and repetition of it.

    A case that is weighed anew, or an order made anew, is a new question.
    """
    nth = application.weighed.get("times", 0)
    return derived_id("req", application.application_id, step, nth, application.orders)


def _stand_in(step: str) -> tuple[FactKind, ...]:
    """The certificate tells which model's announcement to wait for."""
    awaits = WAITING[step].awaits
    waits_for_model = FactKind.ANNOUNCEMENT in awaits and FactKind.CERTIFICATE not in awaits
    return (FactKind.CERTIFICATE,) if waits_for_model else ()
