"""How often somebody did something lately: one row a person and kind of act, kept for a while."""

from dataclasses import dataclass
from datetime import datetime

from chepai.records.table import ConditionFailed, Table

KEPT_SECONDS = 86_400


@dataclass(frozen=True)
class Turn:
    """Whether one more was allowed, how many are left at once, and when the next one comes back."""

    allowed: bool
    left: int
    seconds: int


class Rates(Table):
    """A token bucket in one number (GCRA): the moment at which the bucket is full again."""

    variable = "RATES_TABLE"

    def take(self, who: str, what: str, *, n: int, seconds: int, now: datetime) -> Turn:
        """Take a token of `n`, which come back evenly within so many seconds; mostly one write.

        A bucket that is not full costs a second write, an empty one two that fail.
        """
        at, each = int(now.timestamp() * 1000), seconds * 1000 // n
        key = {"bucket": f"{what}#{who}"}
        expires = int(now.timestamp()) + seconds + KEPT_SECONDS
        try:
            row = self.update(
                key,
                sets={"full_at": at + each, "expires": expires},
                when="attribute_not_exists(full_at) OR full_at <= :at",
                at=at,
            )
        except ConditionFailed:
            latest = at + each * (n - 1)
            try:
                row = self.update(
                    key,
                    sets={"expires": expires},
                    adds={"full_at": each},
                    when="full_at <= :latest",
                    latest=latest,
                )
            except ConditionFailed as empty:
                full_at = int((empty.found[0] or {}).get("full_at", latest + each))
                return Turn(False, 0, max(1, -((latest - full_at) // 1000)))
        left = (at + each * n - int(row["full_at"])) // each
        return Turn(True, max(0, left), each // 1000)
