"""One open case's machine: its runs as Step Functions tells them, and the ledger beside them.

The only reading of Step Functions that people cause, for one case at a time. A history holds task
tokens and whole errors; what leaves here is what `domain.run_history` takes out of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from botocore.exceptions import ClientError

from chepai.domain.application import Application
from chepai.domain.drawn import state_of
from chepai.domain.operating import REASONS, Wish, wishes
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.domain.run_history import Visit, visits
from chepai.edge.api import Answer, Call
from chepai.edge.clock import now
from chepai.edge.desk import OnDesk, on_desk
from chepai.edge.disclosing import QUERY as WHY
from chepai.edge.disclosing import Disclosing
from chepai.edge.dossier import Chain, Entry, entry_shown, held_together
from chepai.edge.machines import MachineState, MachineWay, states_of, ways_of
from chepai.edge.pictures import machines, state_text
from chepai.edge.starting import execution_arn
from chepai.edge.told import Told
from chepai.edge.views import Texts
from chepai.records.applications import Applications, stamp
from chepai.records.aws import client
from chepai.records.ledger import Ledger
from chepai.records.operations import Operations, claimed_by, is_proposed

QUERY: Mapping[str, str] = {**WHY, "run": "Which run's history; the newest when left out"}
RUNS_TOLD = 5
"""How many runs are asked about; earlier ones are in the ledger."""
_A_PAGE, _PAGES = 1000, 3
_NO_ACCOUNT = "000000000000"
_CONSOLES = {"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn"}


class RunOfCase(Answer):
    """One execution; `console` opens it in the AWS console where it is deployed there."""

    run: int
    status: str
    started_at: str | None = None
    ended_at: str | None = None
    console: str | None = None


class VisitOfState(Answer):
    """One time that the run was in a state; `given` and `made` hold identifiers and words only."""

    state: str
    text: Texts | None = None
    went: str
    entered_at: str
    left_at: str | None = None
    tries: int
    error: str | None = None
    given: dict[str, Any]
    made: dict[str, Any]


class CaseMachine(OnDesk):
    """One case with its machine drawn, its runs, and its ledger; `stands_at` is by our records."""

    run: int
    stands_at: str | None = None
    states: list[MachineState]
    ways: list[MachineWay]
    runs: list[RunOfCase]
    shown_run: int
    truncated: bool
    visits: list[VisitOfState]
    chain: Chain
    history: list[Entry]
    possible_acts: list[str]
    reasons_of_acts: dict[str, list[str]]
    claimed_by: str | None = None
    claimed_until: str | None = None
    proposed: str | None = None


@dataclass(frozen=True)
class Machines:
    """The adapters that looking into one case's machine takes."""

    applications: Applications
    ledger: Ledger
    operations: Operations
    told: Told = field(default_factory=Told)

    @classmethod
    def from_env(cls) -> Self:
        return cls(Applications.from_env(), Ledger.from_env(), Operations.from_env())

    def read(self, call: Call[Any]) -> CaseMachine:
        """The case that is called for, after the reading is in its person's book.

        Raises ApplicationUnknown, OwnCase, and FieldInvalid for a run that was never, or a purpose
        that the caller may not name.
        """
        case = self.applications.read(call.application_id)
        run = _run(call.query.get("run", ""), case)
        if not self.told.was_asked(call, case.application_id):
            # Nothing is asked of the service for who may not see it.
            self._entered(call, case)
            said = self._said(case, run)
        else:
            said = self._said(case, run)
            if not self.told.is_known(call, case.application_id, said):
                self._entered(call, case)
        self.told.note(call, case.application_id, said)
        return said

    @staticmethod
    def _entered(call: Call[Any], case: Application) -> None:
        asked = replace(call, query={n: v for n, v in call.query.items() if n != "run"})
        Disclosing().opened(asked, case)

    def _said(self, case: Application, run: int) -> CaseMachine:
        machine = machines().get(case.service)
        runs = [_described(case, each) for each in range(case.run, 0, -1)[:RUNS_TOLD]]
        status = next((each.status for each in runs if each.run == run), "")
        found, truncated = _visits(case, run, status or _described(case, run).status)
        rows, broken = self.ledger.read(case.application_id)
        in_hand, at = self.operations.of_case(case.application_id), stamp(now())
        holder = claimed_by(in_hand, at)
        return CaseMachine(
            **on_desk(case).model_dump(),
            run=case.run,
            stands_at=state_of(case, machine) or None,
            states=states_of(machine) if machine else [],
            ways=ways_of(machine) if machine else [],
            runs=runs,
            shown_run=run,
            truncated=truncated,
            visits=[_shown(each) for each in found],
            chain=held_together(rows, broken, case),
            history=[entry_shown(each) for each in rows],
            possible_acts=[each.value for each in wishes(case)],
            reasons_of_acts={wish.value: list(REASONS[wish]) for wish in Wish},
            claimed_by=holder or None,
            claimed_until=str(in_hand["claimed_until"]) if in_hand and holder else None,
            proposed=str(in_hand["wish"]) if in_hand and is_proposed(in_hand, at) else None,
        )


def console_of(arn: str) -> str | None:
    """Where the console of the execution's own partition shows it; None outside of AWS."""
    _, partition, _, region, account, *_ = arn.split(":", 6)
    host = _CONSOLES.get(partition)
    if account == _NO_ACCOUNT or host is None:
        return None
    return f"https://{region}.{host}/states/home?region={region}#/v2/executions/details/{arn}"


def _run(text: str, case: Application) -> int:
    """The run that is asked for. Raises FieldInvalid for one that the case never had."""
    if not text:
        return case.run
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= case.run):
        raise FieldInvalid(FieldProblem("run", "out_of_range"))
    return int(text)


def _described(case: Application, run: int) -> RunOfCase:
    """How a run stands. What is kept no longer (90 days after its end) is told as such."""
    arn = execution_arn(case, run)
    try:
        told = client("stepfunctions").describe_execution(executionArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return RunOfCase(run=run, status="NOT_KEPT")
    return RunOfCase(
        run=run,
        status=str(told["status"]),
        started_at=stamp(told["startDate"]),
        ended_at=stamp(told["stopDate"]) if told.get("stopDate") else None,
        console=console_of(arn),
    )


def _visits(case: Application, run: int, status: str) -> tuple[list[Visit], bool]:
    """What the run went through, the newest events first asked for: the end is what counts."""
    asked: dict[str, Any] = {
        "executionArn": execution_arn(case, run),
        "maxResults": _A_PAGE,
        "reverseOrder": True,
    }
    events: list[Mapping[str, Any]] = []
    for _ in range(_PAGES if status != "NOT_KEPT" else 0):
        answer = client("stepfunctions").get_execution_history(**asked)
        events += answer["events"]
        if "nextToken" not in answer:
            break
        asked["nextToken"] = answer["nextToken"]
    events.sort(key=lambda each: int(each["id"]))
    truncated = bool(events) and int(events[0]["id"]) > 1
    return visits(events, status), truncated


def _shown(visit: Visit) -> VisitOfState:
    return VisitOfState(
        state=visit.state,
        text=state_text(visit.state),
        went=visit.went.value,
        entered_at=stamp(visit.entered_at),
        left_at=stamp(visit.left_at) if visit.left_at else None,
        tries=visit.tries,
        error=visit.error or None,
        given=dict(visit.given),
        made=dict(visit.made),
    )
