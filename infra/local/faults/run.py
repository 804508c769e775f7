"""Journeys under faults: played beside one another, each row of the table with its own."""

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError

from chepai.domain.invariants import INVARIANTS, Violation, skipped
from infra import check_city
from infra.local.faults.city import FaultyCity
from infra.local.faults.disturbances import DISTURBANCES
from infra.local.faults.journeys import Journey
from infra.local.faults.rules import Kind, Rule
from infra.local.faults.table import ONE, STORMS, Fault
from infra.local.scenarios.owner import ENDED
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Stage

# The clock calls the sweeper once a minute; here it is called oftener, so that a run is short.
SWEEP_SECONDS = 10.0
SETTLE_SECONDS = 4.0
LATEST_SECONDS = 180.0
LATE = ": not within "
SPARED = frozenset({"phone", "partners", "office", "sweep", ""})

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """One journey to be played: in which row, what, and by which rules."""

    row: str
    play: str
    rules: tuple[Rule, ...]


@dataclass
class Run:
    """One city under faults. `seconds` bounds it: what has not begun by then is not begun."""

    city: FaultyCity
    seconds: float
    at_once: int = 8
    say: Say = print
    journeys: list[Journey] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    wrong: list[Violation] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def play(self, wanted: Sequence[Wanted]) -> list[Journey]:
        """Play as many as there is time for, several beside one another."""
        waiting, played = iter(list(enumerate(wanted))), list[Journey]()

        def work() -> None:
            while self._has_time():
                with self._lock:
                    nth, each = next(waiting, (0, None))
                if each is None:
                    return
                journey = self._one(each, nth)
                with self._lock:
                    played.append(journey)
                    self.journeys.append(journey)
                self._tell(journey)

        with self._swept(), ThreadPoolExecutor(self.at_once) as pool:
            for done in [pool.submit(work) for _ in range(self.at_once)]:
                done.result()
        return played

    def disturbed(self, fault: Fault, beside: Sequence[Wanted] = ()) -> list[Journey]:
        """The journeys of a row that concerns the whole city, and others that live with it."""
        own = [Wanted(fault.number, play, fault.rules) for play in fault.plays]
        with DISTURBANCES[fault.disturbs](self.city):
            return self.play([*own, *beside])

    def check(self) -> None:
        """Keep what is wrong when all has come to rest, and what no picture shows here."""
        seen = self.city.proxy.seen
        self._wait_for_the_late()
        time.sleep(SETTLE_SECONDS)
        picture, wrong = check_city.check(
            self.city.place,
            self.city.client,
            acknowledged=frozenset(seen.acknowledged),
            opened=Counter(person for _, person in seen.opened),
            canaries=tuple({each for journey in self.journeys for each in journey.secrets}),
        )
        filed = {each for journey in self.journeys for each in journey.applications}
        for lost in sorted(filed - picture.cases.keys()):
            wrong.append(Violation("I9", lost, "we said that it was filed, and it is not there"))
        self.missing, self.wrong = skipped(picture), wrong

    def _wait_for_the_late(self) -> None:
        """Slow is not lost: what comes to its end while nothing fails any more has come there."""
        clerk = Staff(Stage(self.city.url, "late"), "clerk")
        deadline = time.monotonic() + LATEST_SECONDS
        with self._swept():
            while time.monotonic() < deadline:
                for journey in self._late():
                    cases = [clerk.case(each)["status"] for each in journey.applications]
                    if set(cases) <= ENDED:
                        journey.ended, journey.wrong = f"{cases[-1]} late", ""
                if not self._late():
                    return
                time.sleep(SWEEP_SECONDS)

    def _late(self) -> list[Journey]:
        return [each for each in self.journeys if LATE in each.wrong and each.applications]

    def _one(self, wanted: Wanted, nth: int) -> Journey:
        name = f"{wanted.row}/{wanted.play}/{nth}"
        proxy = self.city.proxy
        # What partners tell unasked nobody would ask for: it comes before there is a case.
        lasting = tuple(rule for rule in wanted.rules if rule.kind is not Kind.SWALLOWED)
        proxy.choice.rules[name] = lasting

        def known() -> None:
            proxy.choice.rules[name] = wanted.rules

        def begin(*identifiers: str) -> None:
            proxy.journeys.begin(name, *identifiers)

        journey = Journey(name, wanted.row, wanted.play, self.city.url, begin, known)
        started = time.monotonic()
        journey.run()
        # What is still to be said about this car goes through: it is at its end.
        proxy.choice.rules[name] = ()
        journey.seconds = time.monotonic() - started
        return journey

    def _has_time(self) -> bool:
        return time.monotonic() - self.began < self.seconds

    def _tell(self, journey: Journey) -> None:
        spent = time.monotonic() - self.began
        faults = sum(self.city.proxy.seen.faults.values())
        word = f"✗ {journey.wrong}" if journey.wrong else journey.ended
        self.say(
            f"[{spent:5.0f}/{self.seconds:.0f} s] {len(self.journeys):3} journeys,"
            f" {faults:5} faults  {journey.name}: {word} ({journey.seconds:.0f} s)"
        )

    @contextmanager
    def _swept(self) -> Iterator[None]:
        over = threading.Event()
        name = self.city.place.name("sweep")

        def sweeps() -> None:
            while not over.wait(SWEEP_SECONDS):
                # A run that answers too late has been made all the same; the next one comes.
                with suppress(BotoCoreError):
                    self.city.client("lambda").invoke(
                        FunctionName=name, Payload=json.dumps({"everything": True}).encode()
                    )

        thread = threading.Thread(target=sweeps, daemon=True, name="sweeper")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(60)


def of_rows(faults: Sequence[Fault], *, times: int) -> list[Wanted]:
    """The journeys of all rows that concern their own journeys only, row after row in turn."""
    own = [each for each in faults if each.rules and not each.disturbs]
    return [
        Wanted(fault.number, fault.plays[(nth + place) % len(fault.plays)], fault.rules)
        for nth in range(times)
        for place, fault in enumerate(own)
    ]


def of_storms(times: int) -> list[Wanted]:
    """Journeys in storms, each storm in turn."""
    plays = ("registers", "thinks_again", "declined_first", "certificate_anew")
    return [
        Wanted(name, plays[(nth + place) % len(plays)], rules)
        for nth in range(times)
        for place, (name, rules) in enumerate(STORMS)
    ]


def crash_points(calls: dict[str, dict[int, Any]]) -> list[tuple[str, int, Kind]]:
    """Before and after each call that each function makes, from the record of good journeys."""
    return [
        (function, nth, kind)
        for function, places in sorted(calls.items())
        if function not in SPARED
        for nth in sorted(places)
        for kind in (Kind.CRASH_BEFORE, Kind.CRASH_AFTER)
    ]


def of_crashes(points: Sequence[tuple[str, int, Kind]], each: int) -> list[Wanted]:
    """Journeys in which workers die, `each` functions in one of them, each point once in all."""
    by_function: dict[str, list[Rule]] = defaultdict(list)
    for function, nth, kind in points:
        rule = Rule(kind, most=1, origins=frozenset({function}), nth=nth)
        by_function[function].append(rule)
    left = [rules for rules in by_function.values() if rules]
    wanted = []
    while left:
        left.sort(key=len, reverse=True)
        wanted.append(Wanted("crash", ONE[0], tuple(rules.pop() for rules in left[:each])))
        left = [rules for rules in left if rules]
    return wanted


def table(run: Run, faults: Sequence[Fault], points: int) -> Iterator[str]:
    """The table: faults tried, journeys, invariants checked, losses."""
    happened: Counter[str] = Counter()
    for (name, _), times in run.city.proxy.seen.faults.items():
        happened[name.partition("/")[0]] += times
    of_row: dict[str, list[Journey]] = defaultdict(list)
    for journey in run.journeys:
        of_row[journey.row].append(journey)
    named = {fault.number: f"{fault.number:<4}{fault.name}" for fault in faults}
    yield f"{'fault':<42}{'faults':>8}{'journeys':>10}{'lost':>6}  ends"
    for row in [*named, *(row for row in of_row if row not in named)]:
        played = of_row[row]
        lost = sum(bool(each.wrong) for each in played)
        ends = ", ".join(f"{n} {word}" for word, n in Counter(e.ended for e in played).items())
        why = next((fault.elsewhere for fault in faults if fault.number == row), "")
        yield (
            f"{named.get(row, row):<42}{happened[row]:>8}{len(played):>10}{lost:>6}"
            f"  {ends or why or 'not reached in this time'}"
        )
    lost = sum(bool(journey.wrong) for journey in run.journeys)
    yield ""
    yield (
        f"{sum(happened.values())} faults, {happened['crash']} of {points} crash points,"
        f" {len(run.journeys)} journeys,"
        f" {len(INVARIANTS) - len(run.missing)} of {len(INVARIANTS)} invariants checked,"
        f" {len(run.wrong)} violations, {lost} journeys lost"
    )
    yield from (f"  {each} skipped: {why}" for each, why in run.missing.items())
    yield from (f"  {each}" for each in run.wrong)
    for journey in run.journeys:
        if journey.wrong:
            yield f"  {journey.name}: {journey.wrong} {' '.join(journey.applications)}"
