"""Payments: one order a case and fee, captured once, refunded at most once."""

from collections.abc import Iterator
from datetime import date, datetime
from hashlib import sha256

from chepai.domain.periods import city_day
from chepai.records.table import Row, Table, Write

ORDERED, CAPTURED, REFUNDED, CANCELLED = "ordered", "captured", "refunded", "cancelled"
SHARDS = 4
"""Into how many partitions of its index the payments of a day are spread."""
_DAYS = (CAPTURED, REFUNDED)


class Payments(Table):
    """The order's number is the key and the partner's key for us: asked twice, it is one order."""

    variable = "PAYMENTS_TABLE"

    def read(self, payment_id: str) -> Row | None:
        return self.get({"payment_id": payment_id})

    def ordering(self, payment_id: str, application_id: str, amount_fen: int, at: str) -> Write:
        row = {
            "payment_id": payment_id,
            "application_id": application_id,
            "amount_fen": amount_fen,
            "state": ORDERED,
            "ordered_at": at,
        }
        return self.putting(
            row,
            when="attribute_not_exists(payment_id) OR application_id = :a",
            a=application_id,
        )

    def moving(self, payment_id: str, *, to: str, at: str) -> Write:
        """Move an order on; the same move again changes nothing."""
        write = self.updating(
            {"payment_id": payment_id},
            sets={"state": to, f"{to}_at": at} | _days(payment_id, to, at),
            when="#state IN (:ordered, :origin, :to)",
            ordered=ORDERED,
            origin=CAPTURED if to == REFUNDED else ORDERED,
            to=to,
        )
        write["Update"]["ExpressionAttributeNames"]["#state"] = "state"
        return write

    def giving_back(self, payment_id: str, *, at: str) -> Write:
        """Enter the refund of what was taken for an order after it had been closed."""
        write = self.updating(
            {"payment_id": payment_id},
            sets={"state": REFUNDED, f"{REFUNDED}_at": at} | _days(payment_id, REFUNDED, at),
            when="#state IN (:cancelled, :to)",
            cancelled=CANCELLED,
            to=REFUNDED,
        )
        write["Update"]["ExpressionAttributeNames"]["#state"] = "state"
        return write

    def moved_on(self, day: date) -> list[str]:
        """The payments that were captured or refunded here on a day of the city, in order."""
        return sorted({payment_id for state in _DAYS for payment_id in self._moved(state, day)})

    def many(self, payment_ids: list[str]) -> dict[str, Row]:
        rows = self.get_many([{"payment_id": each} for each in payment_ids])
        return {str(row["payment_id"]): row for row in rows}

    def _moved(self, state: str, day: date) -> Iterator[str]:
        for shard in range(SHARDS):
            for row in self.query(
                f"{state}_day = :d", {":d": f"{day}#{shard}"}, index=f"by_{state}_day"
            ):
                yield str(row["payment_id"])


def _days(payment_id: str, to: str, at: str) -> dict[str, str]:
    """Where the daily match finds a payment that moved: its day, and a shard of its own."""
    if to not in _DAYS:
        return {}
    shard = sha256(payment_id.encode()).digest()[0] % SHARDS
    return {f"{to}_day": f"{city_day(datetime.fromisoformat(at))}#{shard}"}
