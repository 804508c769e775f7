"""Which state of which case awaits which fact: the parked tokens of the state machines."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from chepai.domain.facts import FactKind
from chepai.records.applications import stamp
from chepai.records.table import ConditionFailed, Row, Table, TryAgain


@dataclass(frozen=True)
class Wait:
    """A parked token; `step` is the function of the state, `run` the number of the execution."""

    subject: str
    kind: FactKind
    application_id: str
    run: int
    step: str
    token: str
    parked_at: str = ""
    request_id: str = ""


class Waits(Table):
    """The key is "subject|kind" and "application|run|step" : several cases may await one fact."""

    variable = "WAITS_TABLE"

    def park(self, wait: Wait, *, now: datetime, kept: timedelta) -> None:
        """Keep a token; the same state of the same run parks again without harm."""
        row = {
            "awaited": f"{wait.subject}|{wait.kind.value}",
            "waiter": _waiter(wait.application_id, wait.run, wait.step),
            "token": wait.token,
            "parked_at": stamp(now),
            "request_id": wait.request_id,
            "expires": int((now + kept).timestamp()),
        }
        # A redelivered call of the same state brings a new token that replaces the dead one.
        try:
            self.put(row, when="attribute_not_exists(waiter) OR parked_at <= :now", now=stamp(now))
        except ConditionFailed:
            # Another clock is a moment ahead of ours.
            raise TryAgain from None

    def waiting(self, subject: str, kind: FactKind) -> list[Wait]:
        """Who awaits a fact; the waits of a run that a later one replaced are forgotten."""
        rows = self.query("awaited = :a", {":a": f"{subject}|{kind.value}"})
        found = [_wait(row) for row in rows]
        living = _newest_runs(found)
        for replaced in found:
            if replaced not in living:
                self.forget(replaced)
        return living

    def of_application(
        self,
        application_id: str,
        run: int,
        places: Sequence[tuple[str, FactKind, str]],
    ) -> list[Wait]:
        """The waits of one run among the (subject, kind, step) at which its machine can stand."""
        keys = [
            {"awaited": f"{subject}|{kind.value}", "waiter": _waiter(application_id, run, step)}
            for subject, kind, step in places
        ]
        return [_wait(row) for row in self.get_many(keys)]

    def forget(self, wait: Wait) -> None:
        """Forget a token; one that the state has parked since, come round again, stays."""
        key = {
            "awaited": f"{wait.subject}|{wait.kind.value}",
            "waiter": _waiter(wait.application_id, wait.run, wait.step),
        }
        with suppress(ConditionFailed):
            self.delete(key, when="#token = :mine", names={"#token": "token"}, mine=wait.token)


def _waiter(application_id: str, run: int, step: str) -> str:
    return f"{application_id}|{run:04d}|{step}"


def _wait(row: Row) -> Wait:
    subject, kind = row["awaited"].rsplit("|", 1)
    application_id, run, step = row["waiter"].split("|")
    return Wait(
        subject=subject,
        kind=FactKind(kind),
        application_id=application_id,
        run=int(run),
        step=step,
        token=row["token"],
        parked_at=row["parked_at"],
        request_id=row.get("request_id", ""),
    )


def _newest_runs(waits: Iterable[Wait]) -> list[Wait]:
    # Rows come sorted by run: the last one of a case and step is the run that lives.
    newest: dict[tuple[str, str], Wait] = {}
    for wait in waits:
        newest[(wait.application_id, wait.step)] = wait
    return list(newest.values())
