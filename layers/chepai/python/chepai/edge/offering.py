"""Offering numbers: dealt by the published permutation, kept when dealt, timed by our clock.

An offer is kept when it is dealt, so a phone that lost its line finds the same draw again.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from chepai.domain import plates, pool
from chepai.domain.application import Application
from chepai.domain.choosing import (
    batches_left,
    batches_used,
    choices_left,
    last_day_barred,
    spread,
)
from chepai.domain.life_cycle import Act
from chepai.domain.profile import NumberSelection
from chepai.domain.refusals import (
    NoChoicesLeft,
    NoNumbersLeft,
    SelectionBarred,
    ServiceNotOffered,
)
from chepai.edge.acting import Acting
from chepai.edge.api import Call
from chepai.edge.blind import Draws
from chepai.edge.choosing import (
    Offer,
    is_open,
    may_choose,
    shown,
)
from chepai.edge.clock import now
from chepai.edge.pacing import Pacing
from chepai.edge.questions import Questions
from chepai.edge.segments import Opened, opened
from chepai.edge.segments import wanted as segments_wanted
from chepai.records.applications import stamp
from chepai.records.deals import Deals
from chepai.records.numbers import Numbers
from chepai.records.table import Row, Write

DEALS_AT_MOST = 4
WIDER = 4
"""Blocks drawn from a segment for one offer, and how much wider each is than the one before."""
READ_AT_ONCE = 100
"""Keys of one batch read; no block that may hold sold numbers is longer."""


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

    @classmethod
    def of(cls, evidence: str) -> Self:
        """The deal that the ledger tells of."""
        _, segment_id, counter, start, _, numbers = evidence.split("/")
        return cls(segment_id, int(counter), int(start), tuple(numbers.split(",")))


@dataclass(frozen=True)
class Offering:
    """The adapters that dealing takes; it alone can open the secrets of the segments."""

    acting: Acting
    numbers: Numbers
    deals: Deals
    questions: Questions
    draws: Draws
    pacing: Pacing = field(default_factory=Pacing)

    @classmethod
    def from_env(cls) -> Self:
        return cls(
            Acting.from_env(),
            Numbers.from_env(),
            Deals.from_env(),
            Questions.from_env(),
            Draws.from_env(),
        )

    def offer(self, call: Call[Any], *, at_once: bool = False) -> Offer:
        """The batch that is open, or the next one; `at_once`: all that are left, side by side.

        Raises NoChoicesLeft, NoNumbersLeft, ServiceNotOffered.
        """
        made: list[Row] = []

        def work(before: Application, at: datetime) -> Application:
            rules = self.acting.profile(before).numsel
            may_choose(before)
            if at_once and not rules.at_once:
                raise ServiceNotOffered
            made.clear()
            current = self.numbers.offer(before.application_id, before.offers)
            if current and is_open(current, before, rules, at):
                if not self._is_overtaken(current, at):
                    made.append(current)
                    return before
                # Others were quicker with every one of them: that is not a batch forgone.
                lost = int(current.get("batches", 1))
                before = replace(before, batches_back=before.batches_back + lost)
            self._may_have_another(before, rules, at)
            left = batches_left(before, rules)
            batches = spread(left, rules, at_once=at_once).batches
            nth = before.offers + batches
            kept = self.numbers.offer(before.application_id, nth)
            row = kept or self._deal(before, nth, rules, at, at_once=at_once)
            made.append(row)
            return self.acting.casework.applications.change(
                before,
                actor=call.caller.actor(),
                act="numbers_offered",
                at=at,
                evidence=row["deals"],
                also=[self._logging(each, row["dealt_at"]) for each in row["deals"]],
                offers=nth,
                # What a crowded segment could not fill is not forgone.
                batches_back=before.batches_back + max(0, batches - int(row["batches"])),
            )

        after = self.acting.own(call, Act.CHOOSE_NUMBER, work)
        return shown(made[0], after, self.acting.profile(after).numsel, now())

    def _is_overtaken(self, current: Row, at: datetime) -> bool:
        numbers = list(current["numbers"])
        return len(self.numbers.taken(current["plate_kind"], numbers, at)) == len(numbers)

    def _may_have_another(self, before: Application, rules: NumberSelection, at: datetime) -> None:
        barred = self.numbers.barred_until(before.person_id)
        if barred > stamp(at):
            raise SelectionBarred(until=last_day_barred(datetime.fromisoformat(barred)).isoformat())
        if batches_left(before, rules) < 1 or choices_left(before, rules) < 1:
            raise NoChoicesLeft

    def _deal(
        self, before: Application, nth: int, rules: NumberSelection, at: datetime, *, at_once: bool
    ) -> Row:
        shape = spread(batches_left(before, rules), rules, at_once=at_once)
        numbers: list[str] = []
        deals: list[Dealt] = []
        for segment in self._segments(before, at):
            wanted = self.pacing.block(
                segment.segment, shape.numbers, at=at, hold_seconds=shape.seconds
            )
            if (missing := wanted - len(numbers)) < 1:
                break
            found, dealt = self._from_segment(segment, missing, rules, at)
            numbers += found
            deals += dealt
        if not numbers:
            self.questions.ask(segments_wanted(before.plate_kind, at))
            raise NoNumbersLeft
        offer = {
            "numbers": numbers[: shape.numbers],
            "seconds": shape.seconds,
            "batches": batches_used(len(numbers), rules) if at_once else 1,
            "plate_kind": before.plate_kind,
            "round": before.choices,
            "deals": [each.evidence() for each in deals],
        }
        return self.numbers.keep_offer(before.application_id, nth, offer, at)

    def _logging(self, evidence: str, at: str) -> Write:
        dealt = Dealt.of(evidence)
        return self.deals.logging(dealt.segment_id, dealt.counter, dealt.start, dealt.numbers, at)

    def _segments(self, before: Application, at: datetime) -> Iterator[Opened]:
        """The open segments that fit the car, in an order by chance."""
        letters = plates.energy_letters(plates.Energy(before.energy))
        rows = self.numbers.segments(before.plate_kind)
        fitting = [row for row in rows if is_for(row, letters) and row["opens_at"] <= stamp(at)]
        secrets.SystemRandom().shuffle(fitting)
        for row in fitting:
            segment = opened(row, self.draws)
            if segment.segment.size:
                yield segment

    def _from_segment(
        self, segment: Opened, wanted: int, rules: NumberSelection, at: datetime
    ) -> tuple[list[str], list[Dealt]]:
        """Free numbers, as many as wanted if there are, and all the blocks that were drawn."""
        found: list[str] = []
        deals: list[Dealt] = []
        dealing, size = segment.segment, segment.segment.size
        for nth in range(DEALS_AT_MOST):
            counter = secrets.randbelow(pool.lanes(size))
            k = (wanted - len(found)) * WIDER**nth
            k = min(k, pool.lane_length(counter, size), READ_AT_ONCE)
            start, times = self.numbers.advance(dealing.segment_id, counter, k, at)
            numbers = pool.deal(dealing, segment.key, counter, start, k)
            deals.append(Dealt(dealing.segment_id, counter, start, tuple(numbers)))
            free = numbers
            if pool.lap(counter, start, k, size):
                # The lane was through once: some of these may be held or sold by now.
                gone = self.numbers.taken(dealing.plate_kind, numbers, at)
                free = [each for each in numbers if each not in gone]
                share = len(free) / len(numbers)
                self.pacing.note(dealing, times, share, at=at, hold_seconds=rules.batch_seconds)
            found += [each for each in free if each not in found]
            if len(found) >= wanted:
                break
        return found, deals


def is_for(segment: Row, letters: str) -> bool:
    """Whether a segment's numbers fit the car: an energy letter stands for one kind of energy."""
    return not letters or set(segment["letters"]) <= set(letters)
