"""Offering numbers: dealt by the published permutation, kept when dealt, timed by our clock.

An offer is kept when it is dealt, so a phone that lost its line finds the same draw again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chepai.domain import plates, pool
from chepai.domain.application import Application
from chepai.domain.life_cycle import Act
from chepai.domain.profile import NumberSelection
from chepai.domain.refusals import NoChoicesLeft, NoNumbersLeft, SelectionBarred
from chepai.edge.acting import Acting
from chepai.edge.api import Call
from chepai.edge.blind import Blind
from chepai.edge.choosing import Offer, batches_left, choices_left, is_open, shown
from chepai.edge.clock import now
from chepai.edge.questions import Questions
from chepai.edge.segments import Opened, opened
from chepai.edge.segments import wanted as segments_wanted
from chepai.records.applications import stamp
from chepai.records.numbers import Numbers
from chepai.records.table import Row

DEALS_AT_MOST = 4
"""Blocks drawn for one offer: the first is free of held numbers until a lane is through."""


@dataclass(frozen=True)
class Dealt:
    """Where in which segment a block was dealt."""

    segment_id: str
    counter: int
    start: int
    numbers: tuple[str, ...]

    def evidence(self) -> str:
        """A deal as the ledger tells it, held numbers included, so that it can be recomputed."""
        place = f"{self.segment_id}/{self.counter}/{self.start}/{len(self.numbers)}"
        return f"deal/{place}/{','.join(self.numbers)}"


@dataclass(frozen=True)
class Offering:
    """The adapters that dealing takes; it alone can open the secrets of the segments."""

    acting: Acting
    numbers: Numbers
    questions: Questions
    blind: Blind

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env(), Numbers.from_env(), Questions.from_env(), Blind.from_env())

    def offer(self, call: Call[Any]) -> Offer:
        """The batch that is open, or the next one. Raises NoChoicesLeft, NoNumbersLeft."""
        made: list[Row] = []

        def work(before: Application, at: datetime) -> Application:
            rules = self.acting.profile(before).numsel
            made.clear()
            current = self.numbers.offer(before.application_id, before.offers)
            if current and is_open(current, before, rules, at):
                made.append(current)
                return before
            self._may_have_another(before, rules, at)
            nth = before.offers + 1
            kept = self.numbers.offer(before.application_id, nth)
            row = kept or self._deal(before, nth, rules, at)
            made.append(row)
            return self.acting.casework.applications.change(
                before,
                actor=call.caller.actor(),
                act="numbers_offered",
                at=at,
                evidence=row["deals"],
                offers=nth,
            )

        after = self.acting.own(call, Act.CHOOSE_NUMBER, work)
        return shown(made[0], after, self.acting.profile(after).numsel, now())

    def _may_have_another(self, before: Application, rules: NumberSelection, at: datetime) -> None:
        barred = self.numbers.barred_until(before.person_id)
        if barred > stamp(at):
            raise SelectionBarred(until=barred[:10])
        if batches_left(before, rules) < 1 or choices_left(before, rules) < 1:
            raise NoChoicesLeft

    def _deal(self, before: Application, nth: int, rules: NumberSelection, at: datetime) -> Row:
        numbers: list[str] = []
        deals: list[Dealt] = []
        for segment in self._segments(before, at):
            found, dealt = self._from_segment(segment, before, rules.batch_size - len(numbers), at)
            numbers += found
            deals += dealt
            if len(numbers) >= rules.batch_size:
                break
        if not numbers:
            raise NoNumbersLeft
        offer = {
            "numbers": numbers,
            "plate_kind": before.plate_kind,
            "round": before.choices,
            "deals": [each.evidence() for each in deals],
        }
        return self.numbers.keep_offer(before.application_id, nth, offer, at)

    def _segments(self, before: Application, at: datetime) -> list[Opened]:
        """The open segments that fit the car, in an order by chance."""
        letters = plates.energy_letters(plates.Energy(before.energy))
        rows = self.numbers.segments(before.plate_kind)
        fitting = [row for row in rows if is_for(row, letters) and row["opens_at"] <= stamp(at)]
        if not fitting:
            self.questions.ask(segments_wanted(before.plate_kind, at))
            raise NoNumbersLeft
        secrets.SystemRandom().shuffle(fitting)
        return [opened(row, self.blind) for row in fitting]

    def _from_segment(
        self, segment: Opened, before: Application, wanted: int, at: datetime
    ) -> tuple[list[str], list[Dealt]]:
        found: list[str] = []
        deals: list[Dealt] = []
        size = segment.segment.size
        for _ in range(DEALS_AT_MOST):
            k = wanted - len(found)
            counter = secrets.randbelow(pool.lanes(size))
            start = self.numbers.advance(segment.segment.segment_id, counter, k)
            numbers = pool.deal(segment.segment, segment.key, counter, start, k)
            deals.append(Dealt(segment.segment.segment_id, counter, start, tuple(numbers)))
            if pool.lap(counter, start, k, size):
                # The lane was through once: some of these may be held or sold by now.
                gone = self.numbers.taken(before.plate_kind, numbers, at)
                numbers = [each for each in numbers if each not in gone]
            found += [each for each in dict.fromkeys(numbers) if each not in found]
            if len(found) >= wanted:
                break
        return found, deals


def is_for(segment: Row, letters: str) -> bool:
    """Whether a segment's numbers fit the car: an energy letter stands for one kind of energy."""
    return not letters or set(segment["letters"]) <= set(letters)
