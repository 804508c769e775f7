"""Waiting without a race: look, park the token, look again, ask, and be woken by the answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from chepai.domain.application import Application
from chepai.domain.facts import Fact, FactKind
from chepai.domain.waiting import WAITING, Broken, Look, Verdict, subject_of
from chepai.edge import tokens
from chepai.edge.asking_for import ASKS, again, cancelling
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
            request_id=derived_id(
                "req", task.application_id, task.run, task.step, application.version
            ),
        )
        look = self.look(wait, application)
        if verdict := WAITING[task.step].verdict(look):
            return self._tell(wait, verdict)
        parked = self._park(wait, look)
        look = self._look_again(look, parked)
        if verdict := WAITING[task.step].verdict(look):
            outcome = self._tell(wait, verdict)
            self._forget(parked)
            return outcome
        self._ask(task.step, look)
        return None

    def wake(self, wait: Wait) -> str | None:
        """A fact arrived for which this wait was parked: judge as the state itself would."""
        application = self.applications.read(wait.application_id)
        look = self.look(wait, application)
        verdict = WAITING[wait.step].verdict(look)
        if verdict:
            outcome = self._tell(wait, verdict)
            self._forget(self._places(wait, look))
            return outcome
        if any(each.subject != wait.subject for each in self._places(wait, look)):
            # What arrived only says about whom to ask next: a model, after the certificate.
            look = self._look_again(look, self._park(wait, look))
            if verdict := WAITING[wait.step].verdict(look):
                return self._tell(wait, verdict)
            self._ask(wait.step, look)
        return None

    def parked(self, application: Application, steps: Iterable[str]) -> list[Wait]:
        """The tokens that states of the current run hold, among the steps named."""
        certificate = self.facts.newest(f"vin#{application.vin}", FactKind.CERTIFICATE)
        known = {FactKind.CERTIFICATE: [certificate]} if certificate else {}
        places = [
            (subject, kind, step)
            for step in steps
            for kind in WAITING[step].awaits
            if (subject := subject_of(kind, application, known))
        ]
        return self.waits.of_application(application.application_id, application.run, places)

    def ask_again(self, wait: Wait, application: Application, nth: int) -> int:
        """Repeat the question of a parked state, in its form for the overdue; how many."""
        asker = ASKS.get(wait.step)
        asked = asker(self.look(wait, application)) if asker else []
        if asked:
            self.questions.ask(*(again(each, nth) for each in asked))
        return len(asked)

    def cancel(self, application: Application, steps: Iterable[str]) -> int:
        """Call off what the current run still asks for; how many questions."""
        cancelled: dict[str, Question] = {}
        waits = self.parked(application, steps)
        for wait in waits:
            asker = ASKS.get(wait.step)
            for asked in asker(self.look(wait, application)) if asker else []:
                cancelled[asked.message_id] = cancelling(asked)
        if cancelled:
            self.questions.ask(*cancelled.values())
        self._forget(waits)
        return len(cancelled)

    def look(self, wait: Wait, application: Application) -> Look:
        """Everything the rule of this state looks at, read consistently."""
        facts: dict[FactKind, list[Fact]] = {}
        kinds = WAITING[wait.step].looks_at
        # The certificate comes first: it says which model the announcement is about.
        for kind in sorted(kinds, key=lambda each: each is FactKind.ANNOUNCEMENT):
            if subject := subject_of(kind, application, facts):
                facts[kind] = self.facts.of_kind(subject, kind)
        profile = self.cities.profile(application.profile_version)
        return Look(application, facts, profile, now(), wait.request_id)

    def _look_again(self, look: Look, parked: Iterable[Wait]) -> Look:
        again = {each.kind: self.facts.of_kind(each.subject, each.kind) for each in parked}
        return Look(look.application, {**look.facts, **again}, look.profile, now(), look.request_id)

    def _places(self, wait: Wait, look: Look) -> list[Wait]:
        awaits = WAITING[wait.step].awaits
        subjects = [(subject_of(kind, look.application, look.facts), kind) for kind in awaits]
        if any(subject is None for subject, _ in subjects):
            vin = subject_of(FactKind.CERTIFICATE, look.application, look.facts)
            subjects.append((vin, FactKind.CERTIFICATE))
        return [
            Wait(
                subject=subject,
                kind=kind,
                application_id=wait.application_id,
                run=wait.run,
                step=wait.step,
                token=wait.token,
                request_id=wait.request_id,
            )
            for subject, kind in subjects
            if subject
        ]

    def _park(self, wait: Wait, look: Look) -> list[Wait]:
        places = self._places(wait, look)
        for place in places:
            self.waits.park(place, now=look.now, kept=KEPT)
        return places

    def _forget(self, places: Iterable[Wait]) -> None:
        for place in places:
            self.waits.forget(place)

    def _ask(self, step: str, look: Look) -> None:
        asker = ASKS.get(step)
        if asker and (asked := asker(look)):
            self.questions.ask(*asked)

    @staticmethod
    def _tell(wait: Wait, verdict: Verdict) -> str | None:
        if verdict is None:
            return None
        if isinstance(verdict, Broken):
            tokens.fail(wait.token, verdict.error)
            return verdict.error
        tokens.answer(wait.token, verdict.outcome)
        return verdict.outcome
