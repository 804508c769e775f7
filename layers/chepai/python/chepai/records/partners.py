"""The registry of partners: where each is reached, whether it is live, how fast it may be asked."""

import json
from typing import Any

from chepai.records.table import ConditionFailed, Row, Table

AGREEMENTS = "agreements"


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
