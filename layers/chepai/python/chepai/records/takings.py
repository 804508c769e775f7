"""What a desk took for fees, in cash or by card: one row a payment, and one a day that was counted.

Found by desk and day, for the count in the evening.
"""

from collections.abc import Mapping
from typing import Any

from chepai.records.table import Row, Table, Write


class Takings(Table):
    """A payment is taken once, whichever desk and day asks again."""

    variable = "TAKINGS_TABLE"

    def of_payment(self, payment_id: str) -> Row | None:
        return self.get({"taking_id": payment_id})

    def taking(self, row: Mapping[str, Any]) -> Write:
        return self.putting(row, when="attribute_not_exists(taking_id)")

    def of_desk(self, unit: str, day: str) -> list[Row]:
        """What a desk took on a day of the city, the first one first."""
        found = self.query("desk_day = :d", {":d": f"{unit}#{day}"}, index="by_desk_day")
        rows = self.get_many([{"taking_id": row["taking_id"]} for row in found])
        return sorted(rows, key=lambda row: str(row["at"]))

    def counted(self, unit: str, day: str) -> Row | None:
        return self.get({"taking_id": f"count#{unit}#{day}"})

    def counting(self, unit: str, day: str, sets: Mapping[str, Any]) -> Write:
        return self.updating({"taking_id": f"count#{unit}#{day}"}, sets=sets)
