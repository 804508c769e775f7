"""The one wrapper round the function of every state: a task in, an outcome word out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from chepai.domain.ledger import SYSTEM, Actor
from chepai.domain.refusals import VersionConflict
from chepai.edge.observing import tell, tell_trouble
from chepai.records.aws import passes
from chepai.records.table import ConditionFailed, TryAgain


@dataclass(frozen=True)
class Task:
    """What a state hands to its function: identifiers only.

    `step` is the function's own name, `token` is there when the state waits for an answer,
    `cause` is the name of the error that led to the state.
    """

    application_id: str
    run: int
    step: str
    token: str = ""
    cause: str = ""

    @property
    def actor(self) -> Actor:
        return Actor(role=SYSTEM, id=self.step)


class Withdrawn(Exception):
    """The application was stopped while it was being worked on; the way back begins."""


class NumberLost(Exception):
    """The hold had lapsed and somebody else has the number: its owner chooses again."""


class ReviewOwed(Exception):
    """A wait for the owner ran out while the office owed them the review they had asked for."""


class SealingStopped(Exception):
    """The ledger is not sealed: nothing is registered until it is, and the state tries again."""


class StepFailed(Exception):
    """Something nobody foresaw: a clerk must look at it."""


Outcome = StrEnum | str | Mapping[str, Any] | None
_NAMED = (Withdrawn, NumberLost, ReviewOwed, SealingStopped, TryAgain, VersionConflict)
_FIELDS = frozenset(each.name for each in fields(Task))


def step(work: Callable[[Task], Outcome]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Parse the task, do the work, answer `{"outcome": word}`; log one line.

    Errors that the state machine treats by name rise as they are; any other is told in the log
    and rises as `StepFailed` without its text, which might quote what it worked on.
    """

    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        task = Task(**{name: event[name] for name in _FIELDS if name in event})
        known = {"application_id": task.application_id, "run": task.run, "step": task.step}
        try:
            made = work(task)
        except _NAMED as named:
            tell("stopped", outcome=type(named).__name__, **known)
            raise
        except ConditionFailed:
            # Somebody was quicker between our reading and our writing: read again.
            tell("stopped", outcome=TryAgain.__name__, **known)
            raise TryAgain from None
        except Exception as error:  # noqa: BLE001 (the boundary: told and given a name)
            if passes(error):
                # No clerk can mend what passes by itself: the machine does the step again.
                tell("stopped", outcome=TryAgain.__name__, **known)
                raise TryAgain from None
            tell_trouble("failed", error, **known)
            raise StepFailed(type(error).__name__) from None
        answer = dict(made) if isinstance(made, Mapping) else {"outcome": str(made or "waiting")}
        tell("done", outcome=answer["outcome"], **known)
        return answer

    return handler
