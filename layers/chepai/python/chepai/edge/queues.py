"""Stuck and late: the open cases by who holds them, the one that has waited longest in front."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from chepai.domain.life_cycle import HOLDERS
from chepai.domain.operating import REASONS, Wish, wishes
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.domain.services import SERVICES
from chepai.edge.api import Answer, Call
from chepai.edge.desk import OnDesk, on_desk
from chepai.edge.disclosing import Disclosing
from chepai.edge.open_cases import OpenCases, Standing
from chepai.edge.paging import PAGED, page_of
from chepai.edge.pictures import state_text
from chepai.edge.texts import codes, say_in_both
from chepai.edge.told import Told
from chepai.edge.views import Texts
from chepai.records.operations import Operations, claimed_by, is_proposed
from chepai.records.table import Row

QUERY: Mapping[str, str] = {
    "holder": f"Who holds the case: {', '.join(HOLDERS)}",
    "service": f"One service only: {', '.join(SERVICES)}",
    "state": "At which state of its machine the case stands, by its name",
    "only": "late, stuck, or trouble for either",
    **PAGED,
}
_ONLY = ("late", "stuck", "trouble")


class QueueCount(Answer):
    """One holder's queue; `late` and `stuck` cases are among `open`."""

    holder: str
    text: Texts | None = None
    open: int
    late: int
    stuck: int
    oldest_since: str


class QueuedCase(OnDesk):
    """One case in a queue; `possible_acts` is what an operator can do to it now."""

    state: str
    state_text: Texts | None = None
    late: bool
    late_at: str | None = None
    claimed_by: str | None = None
    claimed_until: str | None = None
    proposed: str | None = None
    possible_acts: list[str]


class QueuesNow(Answer):
    """All queues, and one page of what was asked for, the one that waits longest in front.

    `reasons_of_acts` are those for which an operator may do each act.
    """

    at: str
    reasons_of_acts: dict[str, list[str]]
    queues: list[QueueCount]
    found: int
    cases: list[QueuedCase]
    next: str | None = None


@dataclass(frozen=True)
class Queues:
    """The adapters that the queues take."""

    cases: OpenCases
    operations: Operations
    told: Told = field(default_factory=Told)

    @classmethod
    def from_env(cls) -> Self:
        return cls(OpenCases.from_env(), Operations.from_env())

    def read(self, call: Call[Any]) -> QueuesNow:
        """The queues and one page. Raises FieldInvalid with every fault of the query."""
        limit, cursor = _asked(call.query)
        cases, at = self.cases.now()
        fitting = sorted((each for each in cases if _fits(each, call.query, at)), key=_place)
        page = [each for each in fitting if not cursor or _name(each) > cursor][:limit]
        more = bool(page) and _name(page[-1]) != _name(fitting[-1])
        return QueuesNow(
            at=at,
            reasons_of_acts={wish.value: list(REASONS[wish]) for wish in Wish},
            queues=_queues(cases, at),
            found=len(fitting),
            cases=self._rows(call, page, at),
            next=_name(page[-1]) if more else None,
        )

    def _rows(self, call: Call[Any], page: Sequence[Standing], at: str) -> list[QueuedCase]:
        """The cases as they are at this moment; one that has ended since is left out."""
        wanted = [each.application_id for each in page]
        if not wanted:
            return []
        read = {each.application_id: each for each in self.cases.applications.read_many(wanted)}
        in_hand = self.operations.of_cases(wanted)
        rows = [
            _row(each, read[each.application_id], in_hand.get(each.application_id), at)
            for each in page
            if each.application_id in read and read[each.application_id].queue_shard
        ]
        news = [each for each in rows if not self.told.is_known(call, each.application_id, each)]
        entered = Disclosing().listed(call, [read[each.application_id] for each in news])
        own = {each.application_id for each in news} - {each.application_id for each in entered}
        for each in news:
            if each.application_id not in own:
                self.told.note(call, each.application_id, each)
        return [each for each in rows if each.application_id not in own]


def _row(standing: Standing, case: Any, row: Row | None, at: str) -> QueuedCase:
    holder = claimed_by(row, at)
    return QueuedCase(
        **on_desk(case).model_dump(),
        state=standing.state,
        state_text=state_text(standing.state),
        late=standing.is_late(at),
        late_at=standing.late_at or None,
        claimed_by=holder or None,
        claimed_until=str(row["claimed_until"]) if row and holder else None,
        proposed=str(row["wish"]) if row and is_proposed(row, at) else None,
        possible_acts=[each.value for each in wishes(case)],
    )


def _queues(cases: Iterable[Standing], at: str) -> list[QueueCount]:
    found: dict[str, list[Standing]] = {}
    for each in cases:
        found.setdefault(each.holder, []).append(each)
    return [
        QueueCount(
            holder=holder,
            text=holder_text(holder),
            open=len(held),
            late=sum(each.is_late(at) for each in held),
            stuck=sum(each.stuck for each in held),
            oldest_since=min(each.since for each in held),
        )
        for holder, held in sorted(found.items())
    ]


def holder_text(holder: str) -> Texts | None:
    code = f"holder.{holder}"
    return say_in_both("states", code) if code in codes("states") else None


def _fits(one: Standing, query: Mapping[str, str], at: str) -> bool:
    late, stuck = one.is_late(at), one.stuck
    trouble = {"late": late, "stuck": stuck, "trouble": late or stuck}
    return (
        query.get("holder", one.holder) == one.holder
        and query.get("service", one.service) == one.service
        and query.get("state", one.state) == one.state
        and trouble.get(query.get("only", ""), True)
    )


def _place(one: Standing) -> tuple[str, str]:
    return one.since, one.application_id


def _name(one: Standing) -> str:
    return f"{one.since}|{one.application_id}"


def _asked(query: Mapping[str, str]) -> tuple[int, str]:
    faults = [FieldProblem(name, "unknown_field") for name in query if name not in QUERY]
    for name, choices in (
        ("holder", HOLDERS), ("service", tuple(SERVICES)), ("state", codes("machines")),
        ("only", _ONLY),
    ):  # fmt: skip
        if name in query and query[name] not in choices:
            faults.append(FieldProblem(name, "not_a_choice"))
    if faults:
        raise FieldInvalid(*faults)
    return page_of(query)
