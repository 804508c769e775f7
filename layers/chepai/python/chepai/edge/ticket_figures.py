"""How tickets are answered, by kind and month: what the supervision and the operators look at."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from chepai.domain import tickets
from chepai.domain.refusals import FieldInvalid, FieldProblem
from chepai.domain.tickets import Channel, Kind
from chepai.edge.api import Answer, Call
from chepai.edge.clock import today
from chepai.edge.ticketing import say
from chepai.edge.views import Texts
from chepai.records.tickets import Tickets

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
QUERY: Mapping[str, str] = {
    "month": "YYYY-MM, by the day (UTC) on which they came in; this month when left out"
}


class TicketFigures(Answer):
    """Of one kind, or of all. Shares in per cent of those answered, none where there are none.

    `median_hours` is from receipt to the final answer, between the edges of classes of hours.
    """

    kind: str
    kind_text: Texts | None = None
    received: int
    by_channel: dict[str, int]
    answered: int
    on_time_percent: int | None = None
    first_on_time_percent: int | None = None
    at_first_contact_percent: int | None = None
    median_hours: float | None = None
    extended: int
    late: int
    withdrawn: int
    forwarded: int
    rated: int
    average_score: float | None = None
    bad: int
    called_back: int


class TicketFiguresPage(Answer):
    """Every kind, and all of them together; requests about data are counted where they are kept."""

    month: str
    kinds: list[TicketFigures]
    total: TicketFigures


@dataclass(frozen=True)
class Figures:
    """The adapter that figures take."""

    kept: Tickets

    @classmethod
    def from_env(cls) -> Self:
        return cls(Tickets.from_env().for_views())

    def page(self, call: Call[Any]) -> TicketFiguresPage:
        """Raises FieldInvalid for a month that is none."""
        month = call.query.get("month") or today().isoformat()[:7]
        if not _MONTH.fullmatch(month):
            raise FieldInvalid(FieldProblem("month", "malformed"))
        counts = self.kept.counts(month)
        kinds = [kind for kind in Kind if kind is not Kind.PRIVACY_REQUEST]
        whole: Counter[str] = sum((counts[kind] for kind in kinds), Counter())
        return TicketFiguresPage(
            month=month,
            kinds=[_figures(kind, counts[kind], say("kind", kind)) for kind in kinds],
            total=_figures("all", whole, None),
        )


def _figures(kind: str, counts: Mapping[str, int], text: Texts | None) -> TicketFigures:
    answered, rated = counts["answered"], counts["rated"]
    classes = {
        int(name[1:]): times for name, times in counts.items() if re.fullmatch(r"h\d+", name)
    }
    return TicketFigures(
        kind=kind,
        kind_text=text,
        received=counts["received"],
        by_channel={each.value: counts[f"by_{each}"] for each in Channel},
        answered=answered,
        on_time_percent=_percent(counts["on_time"], answered),
        first_on_time_percent=_percent(counts["first_on_time"], counts["first_answered"]),
        at_first_contact_percent=_percent(counts["first_contact"], answered),
        median_hours=tickets.median_hours(classes),
        extended=counts["extended"],
        late=counts["late"],
        withdrawn=counts["withdrawn"],
        forwarded=counts["forwarded"],
        rated=rated,
        average_score=round(counts["score"] / rated, 1) if rated else None,
        bad=counts["bad"],
        called_back=counts["called_back"],
    )


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None
