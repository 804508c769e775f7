"""Numbers: counters that deal them, and the rows of those that someone holds or bears."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from chepai.domain.choosing import last_day_barred
from chepai.domain.refusals import HoldingAnother, NumberTaken, Refusal, SelectionBarred
from chepai.records.applications import stamp
from chepai.records.table import ConditionFailed, Row, Table, TryAgain, Write

# A hold that has just lapsed is not given away while its owner's clock may still be right.
GUARD = timedelta(seconds=60)

LAST_OFFERS = 8
"""Of how many offers a counter knows the times."""
_TIMES = [f"dealt_{nth}" for nth in range(LAST_OFFERS)]


class Drawn(NamedTuple):
    """Where a block starts, and the seconds since 1970 of the counter's last offers, 0 for none."""

    start: int
    times: list[float]


class Numbers(Table):
    """Keys: "<plate kind>#<number>", "segment#…", "counter#…", "hold#<person>", "offer#…"."""

    variable = "NUMBERS_TABLE"

    def advance(self, segment: str, counter: int, by: int, now: datetime) -> Drawn:
        """Deal the next block of a counter, and note when its last offers were dealt.

        One write, whatever the pace. A repeated call after a lost reply skips a block: numbers
        come round again, none is dealt to two people.
        """
        write = self.updating(
            {"number_key": f"counter#{segment}#{counter:02d}"},
            adds={"dealt": by},
            now=int(now.timestamp() * 1000),
            never=0,
        )
        # An expression reads the row as it was: each time moves one place on.
        moved = [f"{b} = if_not_exists({a}, :never)" for a, b in reversed([*pairwise(_TIMES)])]
        update = write["Update"]
        update["UpdateExpression"] = (
            f"SET {', '.join(moved)}, {_TIMES[0]} = :now {update['UpdateExpression']}"
        )
        row = self.updated(write)
        return Drawn(int(row["dealt"]) - by, [int(row[each]) / 1000 for each in _TIMES])

    def dealt(self, segment: str, counters: int) -> dict[int, int]:
        """Where each counter of a segment stands that has dealt at all."""
        keys = [{"number_key": f"counter#{segment}#{each:02d}"} for each in range(counters)]
        rows = self.get_many(keys)
        return {int(row["number_key"].rpartition("#")[2]): int(row["dealt"]) for row in rows}

    def taken(self, plate_kind: str, numbers: list[str], now: datetime) -> set[str]:
        rows = self.get_many([{"number_key": f"{plate_kind}#{each}"} for each in numbers])
        return {row["number"] for row in rows if not _claimable(row, now)}

    def keep_offer(
        self, application_id: str, nth: int, offer: dict[str, Any], now: datetime
    ) -> Row:
        """Keep what was dealt; a repeated request gets the first answer back."""
        row = {
            "number_key": f"offer#{application_id}#{nth:02d}",
            "dealt_at": stamp(now),
            "expires": int((now + timedelta(days=30)).timestamp()),
            **offer,
        }
        self.put(row, when="attribute_not_exists(number_key)")
        return row

    def offer(self, application_id: str, nth: int) -> Row | None:
        return self.get({"number_key": f"offer#{application_id}#{nth:02d}"})

    def holding(
        self,
        plate_kind: str,
        number: str,
        *,
        application_id: str,
        person_id: str,
        until: datetime,
        now: datetime,
    ) -> list[Write]:
        """Reserve a number for a case: nobody else holds it, and the person holds no other."""
        late = stamp(now - GUARD)
        held = {
            "number_key": f"{plate_kind}#{number}",
            "number": number,
            "plate_kind": plate_kind,
            "state": "reserved",
            "application_id": application_id,
            "held_until": stamp(until),
        }
        number_free = self.putting(
            held,
            when="attribute_not_exists(number_key) OR application_id = :me"
            " OR #state = :freed OR (#state = :reserved AND held_until < :late)",
            me=application_id,
            freed="freed",
            reserved="reserved",
            late=late,
        )
        number_free["Put"]["ExpressionAttributeNames"] = {"#state": "state"}
        one_hold = self.updating(
            {"number_key": f"hold#{person_id}"},
            sets={"application_id": application_id, "held_until": stamp(until)},
            when="(attribute_not_exists(application_id) OR application_id = :me"
            " OR held_until < :late)"
            " AND (attribute_not_exists(barred_until) OR barred_until < :now)",
            me=application_id,
            late=late,
            now=stamp(now),
        )
        return [number_free, one_hold]

    def binding(self, plate_kind: str, number: str, *, application_id: str, vin: str) -> Write:
        """Bind a reserved number to a car: only its holder can, and again without harm."""
        write = self.updating(
            {"number_key": f"{plate_kind}#{number}"},
            sets={"state": "bound", "vin": vin, "held_until": None},
            when="application_id = :me AND #state IN (:reserved, :bound)",
            me=application_id,
            reserved="reserved",
            bound="bound",
        )
        write["Update"]["ExpressionAttributeNames"]["#state"] = "state"
        return write

    def keeping_longer(
        self, plate_kind: str, number: str, *, application_id: str, person_id: str, until: datetime
    ) -> list[Write]:
        """Keep a reserved number for its case, and the person's hold with it, up to an end.

        A hold that has lapsed is kept too as long as nobody else has the number.
        """
        number_kept = self.updating(
            {"number_key": f"{plate_kind}#{number}"},
            sets={"held_until": stamp(until)},
            when="application_id = :me AND #state = :reserved",
            me=application_id,
            reserved="reserved",
        )
        number_kept["Update"]["ExpressionAttributeNames"]["#state"] = "state"
        hold_kept = self.updating(
            {"number_key": f"hold#{person_id}"},
            sets={"held_until": stamp(until)},
            when="application_id = :me",
            me=application_id,
        )
        return [number_kept, hold_kept]

    def keeping(
        self, plate_kind: str, number: str, *, application_id: str, person_id: str
    ) -> list[Write]:
        """Keep a reserved number, and the person's hold, without an end: they can lapse no more."""
        number_kept = self.updating(
            {"number_key": f"{plate_kind}#{number}"},
            sets={"held_until": None},
            when="application_id = :me AND #state IN (:reserved, :bound)",
            me=application_id,
            reserved="reserved",
            bound="bound",
        )
        number_kept["Update"]["ExpressionAttributeNames"]["#state"] = "state"
        hold_kept = self.updating(
            {"number_key": f"hold#{person_id}"},
            sets={"held_until": None},
            when="application_id = :me",
            me=application_id,
        )
        return [number_kept, hold_kept]

    def freeing(self, plate_kind: str, number: str, *, application_id: str) -> Write:
        """Give back a number that this very case has reserved; a bound one stays bound."""
        write = self.updating(
            {"number_key": f"{plate_kind}#{number}"},
            sets={"state": "freed", "application_id": None, "held_until": None},
            when="application_id = :me AND #state = :reserved",
            me=application_id,
            reserved="reserved",
        )
        write["Update"]["ExpressionAttributeNames"]["#state"] = "state"
        return write

    def reserved_by(self, application_id: str, plate_kind: str, number: str) -> bool:
        """Whether this case holds the number and has not yet bound it."""
        row = self.get({"number_key": f"{plate_kind}#{number}"})
        return bool(row and row.get("application_id") == application_id) and (
            row is not None and row["state"] == "reserved"
        )

    def barring(self, person_id: str, until: str) -> Write:
        """Bar a person from choosing online until a time; a longer bar stays as it is."""
        return self.updating(
            {"number_key": f"hold#{person_id}"},
            sets={"barred_until": until},
            when="attribute_not_exists(barred_until) OR barred_until < :until",
            until=until,
        )

    def drop_hold(self, person_id: str, application_id: str) -> None:
        """The person may hold another number from now on.

        May be repeated: a hold that is of another case by now stays.
        """
        with suppress(ConditionFailed):
            self.update(
                {"number_key": f"hold#{person_id}"},
                sets={"application_id": None, "held_until": None},
                when="application_id = :me",
                me=application_id,
            )

    def barred_until(self, person_id: str) -> str:
        """Until when a person chooses none online; "" when nothing bars them."""
        row = self.get({"number_key": f"hold#{person_id}"}) or {}
        return str(row.get("barred_until", ""))

    def segments(self, plate_kind: str, state: str = "OPEN") -> list[Row]:
        """The segments of a plate kind that the register opened to the city, or closed."""
        row = self.get({"number_key": f"segments#{plate_kind}"}, consistent=False)
        return [each for each in (row["segments"] if row else []) if each["state"] == state]

    def open_segment(self, segment: Row) -> None:
        """Enter a segment; one that is known already stays as it was."""

        def opened(known: list[Row]) -> list[Row]:
            here = any(each["segment_id"] == segment["segment_id"] for each in known)
            return known if here else [*known, segment]

        self._change_segments(str(segment["plate_kind"]), opened)

    def close_segment(self, plate_kind: str, segment_id: str, secret: str) -> None:
        """Deal no more from a segment, and keep its secret with it for everyone to see."""

        def closed(known: list[Row]) -> list[Row]:
            end = {"state": "CLOSED", "secret": secret}
            return [each | end if each["segment_id"] == segment_id else each for each in known]

        self._change_segments(plate_kind, closed)

    def _change_segments(self, plate_kind: str, change: Callable[[list[Row]], list[Row]]) -> None:
        key = {"number_key": f"segments#{plate_kind}"}
        for _ in range(5):
            row = self.get(key) or {}
            known = list(row.get("segments", []))
            if (now := change(known)) == known:
                return
            was = int(row.get("changes", 0))
            try:
                self.update(
                    key,
                    sets={"segments": now, "changes": was + 1},
                    when="attribute_not_exists(changes) OR changes = :was",
                    was=was,
                )
            except ConditionFailed:
                continue
            return
        raise TryAgain


def _claimable(row: Row, now: datetime) -> bool:
    # A number that an office works on has no end of its hold.
    until = row.get("held_until", "9999")
    lapsed = row["state"] == "reserved" and until < stamp(now - GUARD)
    return bool(lapsed or row["state"] == "freed")


def refusal_for(number_failed: bool, hold: Row | None, now: datetime) -> Refusal:
    """Which refusal the failed conditions of `holding` mean; `hold` is the person's row."""
    if number_failed:
        return NumberTaken()
    if hold and hold.get("barred_until", "") > stamp(now):
        last = last_day_barred(datetime.fromisoformat(hold["barred_until"]))
        return SelectionBarred(until=last.isoformat())
    return HoldingAnother()
