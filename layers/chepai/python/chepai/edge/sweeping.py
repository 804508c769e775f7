"""The sweeper: the guarantee behind every fast path.

A case that is due is looked at: its machine is started again if it died, states are woken whose
fact has arrived, questions are repeated that nobody answered.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from botocore.exceptions import ClientError

from chepai.domain.application import Application
from chepai.domain.ledger import SYSTEM, Actor
from chepai.domain.life_cycle import HOLDERS, Status
from chepai.domain.refusals import VersionConflict
from chepai.domain.waiting import STEPS_OF_SERVICE
from chepai.edge.casework import Casework
from chepai.edge.clock import now
from chepai.edge.observing import tell, tell_trouble
from chepai.edge.starting import execution_arn, start
from chepai.edge.waiting_room import WaitingRoom
from chepai.records.applications import stamp
from chepai.records.aws import client

SOONEST = timedelta(seconds=45)
LATEST = timedelta(hours=6)
# Each run that died has left its reason behind; a machine that dies this often needs a person.
RUNS_BEFORE_A_CLERK = 20
_DEAD = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})


@dataclass(frozen=True)
class Sweeping:
    """The adapters that sweeping takes."""

    room: WaitingRoom

    @classmethod
    def from_env(cls) -> Self:
        return cls(WaitingRoom.from_env())

    def all_due(self, *, everything: bool = False) -> dict[str, int]:
        """Look at each due case; one that cannot be looked at does not stop the others."""
        done: Counter[str] = Counter()
        before = "9999" if everything else stamp(now())
        for holder in HOLDERS:
            for application in self.room.applications.in_queue(holder, due_before=before):
                try:
                    done[self.look_after(application)] += 1
                except Exception as error:  # noqa: BLE001 (one bad case stops no other)
                    done["failed"] += 1
                    tell_trouble("failed", error, application_id=application.application_id)
        return dict(done)

    def look_after(self, application: Application) -> str:
        """What the case needed, in a word: started, woken, asked, or nothing."""
        word = "started" if self._revive(application) else self._nudge(application)
        moment = now()
        since = datetime.fromisoformat(application.since or application.submitted_at)
        pause = min(max(moment - since, SOONEST), LATEST)
        self.room.applications.look_again(application, stamp(moment + pause))
        tell("swept", application_id=application.application_id, outcome=word)
        return word

    def _revive(self, application: Application) -> bool:
        """Start the machine if its run is missing, or the next run if the last one died."""
        try:
            run = self._describe(application)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
                raise
            start(application)
            return True
        if run not in _DEAD:
            return False
        casework = Casework(self.room.applications, self.room.cities)
        by = Actor(role=SYSTEM, id="sweep")
        try:
            if application.run < RUNS_BEFORE_A_CLERK:
                start(casework.run_again(application, by=by))
                return True
            if not application.stuck_because:
                status = Status(application.status)
                because = "RunsUsedUp"
                casework.move(
                    application, status, by=by, act="stuck", stuck=True, stuck_because=because
                )
        except VersionConflict:
            return False
        return False

    def _describe(self, application: Application) -> str:
        arn = execution_arn(application)
        return str(client("stepfunctions").describe_execution(executionArn=arn)["status"])

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
