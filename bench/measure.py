"""What was measured, beside what it may be: one row of the table that `make bench` prints."""

from collections.abc import Iterable
from dataclasses import dataclass

KEPT, STRETCHED, MISSED, TOLD = "within budget", "stretch met", "MISSED", "–"
NOT_STRETCHED = "stretch open"


@dataclass(frozen=True)
class Measure:
    """One figure. Less is better; without a budget it is only told.

    `binding` is False for a figure that this machine could only estimate: it never fails a run.
    """

    what: str
    value: float
    unit: str = ""
    budget: float | None = None
    stretch: float | None = None
    binding: bool = True

    @property
    def verdict(self) -> str:
        if self.budget is not None and self.value > self.budget:
            return MISSED
        if self.stretch is not None and self.value <= self.stretch:
            return STRETCHED
        if self.budget is not None:
            return KEPT
        return TOLD if self.stretch is None else NOT_STRETCHED

    @property
    def missed(self) -> bool:
        return self.binding and self.verdict == MISSED


def table(measures: Iterable[Measure]) -> str:
    """All figures with their budgets, aligned."""
    head = ("measure", "value", "budget", "stretch", "verdict")
    rows = [head, *(_row(each) for each in measures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def _row(measure: Measure) -> tuple[str, ...]:
    figures = (measure.value, measure.budget, measure.stretch)
    shown = [
        f"{figure(each)} {measure.unit}".rstrip() if each is not None else "" for each in figures
    ]
    return (measure.what, *shown, measure.verdict)


def figure(value: float) -> str:
    """A number in as many places as say something."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    first, *figures, verdict = row
    cells = [each.rjust(width) for each, width in zip(figures, widths[1:-1], strict=True)]
    return "  ".join([first.ljust(widths[0]), *cells, verdict]).rstrip()
