"""Choosing a number from an offer: only one's own, only in its time, and only one gets each."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from chepai.domain import plates
from chepai.domain.application import Application
from chepai.domain.choosing import batches_left, choices_left, kept_until, offer_until
from chepai.domain.life_cycle import Act
from chepai.domain.profile import CityProfile, NumberSelection
from chepai.domain.refusals import (
    HoldLapsed,
    NoChoicesLeft,
    NotWaitingForThis,
    NumberNotOffered,
)
from chepai.edge.acting import Acting, may_act
from chepai.edge.api import Answer, Call
from chepai.edge.clock import now
from chepai.edge.confirming import readiness
from chepai.records.applications import stamp
from chepai.records.numbers import Numbers, refusal_for
from chepai.records.table import ConditionFailed, Row


class Offer(Answer):
    """Numbers to choose from, until `until` by the server's clock (`now`); none: nothing is open.

    `at_once` says whether the city shows all numbers side by side to who asks for it.
    """

    nth: int
    numbers: list[str]
    until: str
    now: str
    seconds_left: int
    batches_left: int
    choices_left: int
    at_once: bool


@dataclass(frozen=True)
class Choosing:
    """The adapters that choosing from an offer takes."""

    acting: Acting
    numbers: Numbers

    @classmethod
    def from_env(cls) -> Self:
        return cls(Acting.from_env(), Numbers.from_env())

    def current(self, call: Call[Any]) -> Offer:
        """The batch that is open, without dealing another; without numbers when none is."""
        before, at = self.acting.read_own(call), now()
        may_act(before, Act.CHOOSE_NUMBER)
        rules = self.acting.profile(before).numsel
        row = self.numbers.offer(before.application_id, before.offers)
        if row is None or not is_open(row, before, rules, at):
            return none_open(before, rules, at)
        return shown(row, before, rules, at)

    def choose(self, call: Call[Any], text: str) -> Application:
        """Hold a number of the open batch; the same choice again changes nothing.

        Raises NumberNotOffered, HoldLapsed, NumberTaken, HoldingAnother, SelectionBarred or
        NoChoicesLeft.
        """
        number = plates.normalise(text)

        def work(before: Application, at: datetime) -> Application:
            if before.number == number:
                return before
            may_choose(before)
            profile = self.acting.profile(before)
            self._must_be_offered(number, before, profile.numsel, at)
            return self._hold(number, before, profile, at, call)

        return self.acting.own(call, Act.CHOOSE_NUMBER, work)

    def _must_be_offered(
        self, number: str, before: Application, rules: NumberSelection, at: datetime
    ) -> None:
        row = self.numbers.offer(before.application_id, before.offers)
        if row is None or number not in row["numbers"] or row["plate_kind"] != before.plate_kind:
            raise NumberNotOffered
        if not is_open(row, before, rules, at):
            raise HoldLapsed
        if choices_left(before, rules) < 1:
            raise NoChoicesLeft

    def _hold(
        self,
        number: str,
        before: Application,
        profile: CityProfile,
        at: datetime,
        call: Call[Any],
    ) -> Application:
        until = kept_until(at, profile)
        own = {"application_id": before.application_id}
        held = self.numbers.holding(
            before.plate_kind, number, person_id=before.person_id, until=until, now=at, **own
        )
        earlier = (before.plate_kind, before.number)
        # An earlier choice may have lapsed, and be another person's by now.
        mine = bool(before.number) and self.numbers.reserved_by(before.application_id, *earlier)
        freed = [self.numbers.freeing(*earlier, **own)] if mine else []
        to, wakes = readiness(self.acting, before, replace(before, number=number), at)
        try:
            return self.acting.casework.move(
                before,
                to,
                by=call.caller.actor(),
                act="number_chosen",
                at=at,
                also=[*held, *freed, *wakes],
                number=number,
                number_held_until=stamp(until),
                choices=before.choices + 1,
            )
        except ConditionFailed as stood:
            # The case and its entry come first, then the number, then the person's one hold.
            _, _, number_failed, hold_failed, *_ = stood.failed
            if number_failed or hold_failed:
                raise refusal_for(number_failed, stood.found[3], at) from None
            raise


def may_choose(before: Application) -> None:
    """Raises NotWaitingForThis once the office works on the number: the fee is paid for it."""
    if before.accepted_at:
        raise NotWaitingForThis(status=before.status, act=Act.CHOOSE_NUMBER, possible="")


def is_open(row: Row, before: Application, rules: NumberSelection, at: datetime) -> bool:
    """Whether a number of the batch may still be chosen: its time runs, none was chosen from it."""
    return at < _ends(row, rules) and int(row["round"]) == before.choices


def none_open(application: Application, rules: NumberSelection, at: datetime) -> Offer:
    """What is known before a batch is dealt: how many there may still be."""
    return Offer(
        nth=application.offers,
        numbers=[],
        until=stamp(at),
        now=stamp(at),
        seconds_left=0,
        batches_left=batches_left(application, rules),
        choices_left=choices_left(application, rules),
        at_once=rules.at_once,
    )


def shown(row: Row, application: Application, rules: NumberSelection, at: datetime) -> Offer:
    ends = _ends(row, rules)
    return Offer(
        nth=int(row["number_key"].rpartition("#")[2]),
        numbers=list(row["numbers"]),
        until=stamp(ends),
        now=stamp(at),
        seconds_left=max(0, int((ends - at).total_seconds())),
        batches_left=batches_left(application, rules),
        choices_left=choices_left(application, rules),
        at_once=rules.at_once,
    )


def _ends(row: Row, rules: NumberSelection) -> datetime:
    # An offer is kept with its own time: a batch has another one than all numbers side by side.
    seconds = int(row.get("seconds", rules.batch_seconds))
    return offer_until(datetime.fromisoformat(row["dealt_at"]), seconds)
