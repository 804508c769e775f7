"""The sweeper: the guarantee behind every fast path.

A case that is due is looked at: whoever is late is reminded and whoever waits is told, its machine
is started again if it died, states are woken whose fact has arrived, questions are repeated that
nobody answered. One run is bounded; the longest due come first, and the next run goes on.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Self

from chepai.domain.application import Application
from chepai.domain.ledger import SYSTEM, Actor
from chepai.domain.life_cycle import CLERK, HOLDERS, Status
from chepai.domain.refusals import VersionConflict
from chepai.domain.routing import needs_machine
from chepai.domain.waiting import STEPS_OF_SERVICE
from chepai.domain.whereabouts import UNREADABLE, Lost, is_late, lost
from chepai.edge.casework import Casework
from chepai.edge.chasing import Chasing
from chepai.edge.clock import now
from chepai.edge.observing import count, tell, tell_trouble
from chepai.edge.starting import DEAD, start, state_of_run
from chepai.edge.waiting_room import WaitingRoom
from chepai.records.applications import stamp
from chepai.records.table import Row

SOONEST = timedelta(seconds=45)
LATEST = timedelta(hours=6)
# Each run that died has left its reason behind; a machine that dies this often needs a person.
RUNS_BEFORE_A_CLERK = 20
# A case that cannot be looked at is put off twice as long each time, and then it needs one too.
LOOKS_BEFORE_A_CLERK = 5
# One run reads at most so many of each partition, looks at so many, and lasts so long: the next
# one, a minute later, begins with those that have been due longest.
OF_EACH_QUEUE = 25
IN_ONE_RUN = 500
AT_ONCE = 25
SECONDS = 40.0
_BY = Actor(role=SYSTEM, id="sweep")


@dataclass(frozen=True)
class Sweeping:
    """The adapters that sweeping takes."""

    room: WaitingRoom

    @classmethod
    def from_env(cls) -> Self:
        return cls(WaitingRoom.from_env())

    def all_due(self, *, everything: bool = False) -> dict[str, int]:
        """Look at each due case; one that cannot be looked at does not stop the others.

        `everything` looks at every open case, due or not: after a restart.
        """
        done: Counter[str] = Counter()
        before, each = ("9999", None) if everything else (stamp(now()), OF_EACH_QUEUE)
        due = self.room.applications.due(HOLDERS, before, each=each)
        wanted = due if everything else due[:IN_ONE_RUN]
        looked = 0
        for row in self._rows(wanted, until=monotonic() + SECONDS):
            looked += 1
            done.update(self._look(row))
        # Its report is its sign of life: an alarm fires when it stays away (docs/runbook).
        count("Swept", 1)
        count("SweptInVain", done["failed"])
        count("DueLeft", len(due) - looked)
        count("Stuck", done["put_right"] + done["parked"] + done.pop("late", 0))
        return {word: times for word, times in done.items() if times}

    def _rows(self, application_ids: Sequence[str], *, until: float) -> Iterator[Row]:
        for first in range(0, len(application_ids), AT_ONCE):
            for row in self.room.applications.rows(application_ids[first : first + AT_ONCE]):
                if monotonic() > until:
                    return
                yield row

    def _look(self, row: Row) -> list[str]:
        """What happened to one case, in words."""
        try:
            application = Application.of(row)
            if found := lost(application):
                return [self._put_right(application, row, found)]
            words = [self.look_after(application, times=int(row.get("looked_in_vain", 0)))]
            return [*words, "late"] if is_late(application, now()) else words
        except VersionConflict:
            # Somebody works on it at this very moment: it is looked at again when it is due.
            return ["busy"]
        except Exception as error:  # noqa: BLE001 (one bad case stops no other)
            tell_trouble("failed", error, application_id=str(row["application_id"]))
            return self._in_vain(row, type(error).__name__)

    def _in_vain(self, row: Row, error: str) -> list[str]:
        """Put off a case that could not be looked at; after some times it is a clerk's."""
        times = int(row.get("looked_in_vain", 0)) + 1
        try:
            later = stamp(now() + min(SOONEST * 2**times, LATEST))
            self.room.applications.look_later(row, later, times)
            if times < LOOKS_BEFORE_A_CLERK:
                return ["failed"]
            self._hand_to_clerk(row, f"NotLookedAt:{error}")
            return ["failed", "parked"]
        except Exception as trouble:  # noqa: BLE001 (nor does one that cannot even be put off)
            tell_trouble("failed", trouble, application_id=str(row["application_id"]))
            return ["failed"]

    def _hand_to_clerk(self, row: Row, because: str) -> None:
        """By the rules, with an entry, if they can be applied to this row; else as it is."""
        if row.get("stuck_because") and str(row.get("queue_shard", "")).startswith(f"{CLERK}#"):
            return
        try:
            application = self.room.applications.read(str(row["application_id"]))
            self._casework.move(
                application, Status(application.status), by=_BY, act="stuck", stuck=True,
                stuck_because=because,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 (whatever is wrong with it, a person gets it)
            tell_trouble("parked", error, application_id=str(row["application_id"]))
            self.room.applications.park(row, CLERK, because, stamp(now() + LATEST))

    def _put_right(self, application: Application, row: Row, found: tuple[Lost, ...]) -> str:
        """A case that is in no queue, in a wrong one, or that fits no rule at all."""
        tell("lost", application_id=application.application_id, outcome=found[0].value)
        if UNREADABLE.intersection(found):
            because, later = f"Lost:{found[0].value}", stamp(now() + LATEST)
            self.room.applications.park(row, CLERK, because, later)
            return "parked"
        because = f"Lost:{found[0].value}" if Lost.NO_REASON in found else ""
        self._casework.move(
            application, Status(application.status), by=_BY, act="put_right",
            told={"lost": [each.value for each in found]},
            stuck_because=because or application.stuck_because,
        )  # fmt: skip
        return "put_right"

    def look_after(self, application: Application, *, times: int = 0) -> str:
        """What the case needed, in a word: started, woken, asked, or nothing."""
        moment = now()
        chasing = Chasing.of(self.room)
        after = chasing.chase(application, moment, by=_BY)
        word = "started" if self._revive(after) else self._nudge(after)
        if word == "nothing" and after.version != application.version:
            word = "chased"
        since = datetime.fromisoformat(after.since or after.submitted_at)
        look = moment + min(max(moment - since, SOONEST), LATEST)
        if step := chasing.next_at(after):
            look = max(min(look, step), moment + SOONEST / 3)
        self.room.applications.look_again(after, stamp(look), was_looked_at=times)
        tell("swept", application_id=application.application_id, outcome=word)
        return word

    @property
    def _casework(self) -> Casework:
        return Casework(self.room.applications, self.room.cities)

    def _revive(self, application: Application) -> bool:
        """Start the machine if its run is missing, or the next run if the last one died."""
        if not needs_machine(application):
            return False
        run = state_of_run(application)
        if not run:
            start(application)
            return True
        if run not in DEAD:
            return False
        try:
            if application.run < RUNS_BEFORE_A_CLERK:
                start(self._casework.run_again(application, by=_BY))
                return True
            if not application.stuck_because:
                self._casework.move(
                    application, Status(application.status), by=_BY, act="stuck", stuck=True,
                    stuck_because="RunsUsedUp",
                )  # fmt: skip
        except VersionConflict:
            return False
        return False

    def _nudge(self, application: Application) -> str:
        if application.ending and self.room.withdraw(application):
            return "withdrawn"
        parked = self.room.parked(application, STEPS_OF_SERVICE[application.service])
        # A state that several facts can end is parked in several places, with one token.
        waits = {each.step: each for each in parked}.values()
        woken = [wait for wait in waits if self.room.wake(wait)]
        if woken:
            return "woken"
        nth = int(now().timestamp())
        asked = sum(self.room.ask_again(wait, application, nth) for wait in waits)
        return "asked" if asked else "nothing"
