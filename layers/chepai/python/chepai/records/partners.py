"""The registry of partners: where each is reached, whether it is live, how fast it may be asked."""

import json
from datetime import datetime, timedelta
from typing import Any

from chepai.records.applications import stamp
from chepai.records.table import ConditionFailed, Row, Table

AGREEMENTS = "agreements"
TOO_MANY, REST = 5, timedelta(seconds=15)
"""So many failures in a row, and for so long nobody calls: questions wait instead of threads."""


class Partners(Table):
    """One row a partner, and one row "bucket#<partner>" for the rate of questions to it.

    The row "agreements" holds what may be asked at all.
    """

    variable = "PARTNERS_TABLE"

    def read(self, partner_id: str) -> Row | None:
        return self.get({"partner_id": partner_id}, consistent=False)

    def agreements(self) -> dict[str, Any]:
        """The data-sharing agreements as published, by type of question; empty before that."""
        row = self.get({"partner_id": AGREEMENTS}, consistent=False)
        kept: dict[str, Any] = json.loads(row["body"]) if row else {}
        return kept

    def register(self, row: dict[str, Any]) -> None:
        self.update(
            {"partner_id": row["partner_id"]},
            sets={name: value for name, value in row.items() if name != "partner_id"},
        )

    def may_be_tried(self, row: Row, now: datetime) -> bool:
        """Whether a partner is called at all now; one that was dead lets one call through.

        `row` is the partner's, as it was just read: a partner that is well costs nothing here.
        """
        rests_until = str(row.get("rests_until", ""))
        if not rests_until:
            return True
        if stamp(now) < rests_until:
            return False
        try:
            # Whoever comes first tries it for everybody; the others wait for what becomes of it.
            self.update(
                {"partner_id": row["partner_id"]},
                sets={"rests_until": stamp(now + REST)},
                when="rests_until = :seen",
                seen=rests_until,
            )
        except ConditionFailed:
            return False
        return True

    def failed(self, row: Row, now: datetime) -> None:
        """Count a call that got no answer, or a fault as an answer; too many in a row: a rest."""
        times = int(row.get("failed", 0)) + 1
        rests = {"rests_until": stamp(now + REST)} if times >= TOO_MANY else {}
        self.update({"partner_id": row["partner_id"]}, sets={"failed": times, **rests})

    def answered(self, row: Row) -> None:
        """Forget what failed before: it answers again."""
        if "failed" in row:
            gone = {"failed": None, "rests_until": None}
            self.update({"partner_id": row["partner_id"]}, sets=gone)

    def take_turn(self, partner_id: str, *, second: int, per_second: int) -> bool:
        """Whether one more question may go to the partner within this second."""
        bucket = {"partner_id": f"bucket#{partner_id}"}
        try:
            self.update(
                bucket,
                sets={"second": second, "asked": 1},
                when="attribute_not_exists(partner_id) OR #s0 < :second",
                second=second,
            )
        except ConditionFailed:
            try:
                self.update(bucket, adds={"asked": 1}, when="asked < :most", most=per_second)
            except ConditionFailed:
                return False
        return True
