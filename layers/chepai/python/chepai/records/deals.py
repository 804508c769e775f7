"""The log of deals: every block of numbers that was drawn and kept, a row each, only appended."""

from collections.abc import Sequence

from chepai.records.table import Row, Table, Write


class Deals(Table):
    """Keys: the lane "<segment>#<counter>" and where in it the block starts."""

    variable = "DEALS_TABLE"

    def logging(
        self, segment_id: str, counter: int, start: int, numbers: Sequence[str], at: str
    ) -> Write:
        """Log a block in the transaction in which it is offered."""
        row = {
            "lane": _lane(segment_id, counter),
            "start": start,
            "numbers": list(numbers),
            "dealt_at": at,
        }
        # `start` is a word of DynamoDB's own; the key alone says whether the row is there.
        return self.putting(row, when="attribute_not_exists(lane)")

    def of_lane(self, segment_id: str, counter: int, *, begin: int, limit: int) -> list[Row]:
        """The blocks of a counter from a position on, in their order."""
        return list(
            self.query(
                "lane = :lane AND #start >= :begin",
                {":lane": _lane(segment_id, counter), ":begin": begin},
                names={"#start": "start"},
                limit=limit,
            )
        )


def _lane(segment_id: str, counter: int) -> str:
    return f"{segment_id}#{counter:02d}"
