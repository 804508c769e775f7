"""Payments: one order a case and fee, captured once, refunded at most once."""

from chepai.records.table import Row, Table, Write

ORDERED, CAPTURED, REFUNDED, CANCELLED = "ordered", "captured", "refunded", "cancelled"


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
            sets={"state": to, f"{to}_at": at},
            when="#state IN (:ordered, :origin, :to)",
            ordered=ORDERED,
            origin=CAPTURED if to == REFUNDED else ORDERED,
            to=to,
        )
        write["Update"]["ExpressionAttributeNames"]["#state"] = "state"
        return write
