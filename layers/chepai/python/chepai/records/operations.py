"""What operators have in hand: who works on a case until when, and what waits for a second person.

One row a case in the table of the supervision centre, with a chain of its own in the ledger: a
claim or a proposal is no change of the case, and never a hand in it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chepai.domain.ledger import Actor
from chepai.domain.refusals import VersionConflict
from chepai.records.applications import stamp
from chepai.records.supervision import Supervision
from chepai.records.table import Row, Write, transact

PROPOSALS = "proposals"
"""The desk of what waits for a second person, the one that lapses first in front."""
PROPOSED = "proposed"
_ITEM = "operation"


class Operations(Supervision):
    """The rows of operators; a case that nobody had in hand has none."""

    def of_case(self, application_id: str) -> Row | None:
        return self.get(_key(application_id))

    def of_cases(self, application_ids: Sequence[str]) -> dict[str, Row]:
        """The rows of several cases, by case."""
        found = self.get_many([_key(each) for each in application_ids])
        return {str(row["application_id"]): row for row in found}

    def proposals(self, since: datetime, *, limit: int) -> list[Row]:
        """What waits for a second person, or lapsed after `since`."""
        rows, _ = self.on_desk(PROPOSALS, limit=limit, after=f"{stamp(since)}||")
        return rows

    def note(
        self,
        application_id: str,
        before: Row | None,
        *,
        actor: Actor,
        act: str,
        at: str,
        told: Mapping[str, Any],
        **sets: Any,
    ) -> None:
        """Write what an operator has in hand. Raises VersionConflict when another was quicker."""
        if before is None:
            kept = {name: value for name, value in sets.items() if value is not None}
            row = {**_key(application_id), "application_id": application_id, **kept}
            if not self.enter(row, actor=actor, act=act, at=at):
                raise VersionConflict
            return
        self.change(before, actor=actor, act=act, at=at, told=told, rule="", **sets)

    def noting(
        self, before: Row, *, actor: Actor, act: str, at: str, told: Mapping[str, Any], **sets: Any
    ) -> list[Write]:
        """The same as parts of a transaction."""
        return self.changing(before, actor=actor, act=act, at=at, told=told, rule="", **sets)

    @staticmethod
    def do(writes: Sequence[Write]) -> None:
        """Write the parts by themselves. Raises ConditionFailed."""
        transact(*writes)


def claimed_by(row: Row | None, at: str) -> str:
    """Who works on a case at this moment; "" when nobody does or the claim has lapsed."""
    running = row is not None and str(row.get("claimed_until", "")) > at
    return str(row["claimed_by"]) if running and row else ""


def is_proposed(row: Row | None, at: str) -> bool:
    """Whether something waits for a second person at this moment."""
    return row is not None and row.get("standing") == PROPOSED and str(row["due_at"]) > at


def _key(application_id: str) -> dict[str, str]:
    return {"matter": f"{_ITEM}#{application_id}", "item": _ITEM}
