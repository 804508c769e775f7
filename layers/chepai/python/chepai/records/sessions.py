"""Counter sessions: one person at one desk with one clerk, for as long as it takes and no longer.

Beside a session lie two guards: what the clerk has open, and that a reading was used. The row
holds identifiers, words and digests; who came is a person_id, what they signed is in the vault.
"""

from datetime import datetime
from functools import cached_property
from typing import Any

from chepai.domain.ledger import Actor
from chepai.records.accesses import Accesses, chain_of
from chepai.records.applications import stamp
from chepai.records.table import ConditionFailed, Row, Table, TryAgain, Write, transact

TRIES = 5
OPENED, CLOSED, READ_BACK = "session_opened", "session_closed", "read_back"
_FREE = "attribute_not_exists(session_id) OR #open_until <= :now OR #open = :me"


class Sessions(Table):
    """Opening and closing are entered in the person's chain, in their own transaction."""

    variable = "SESSIONS_TABLE"

    @cached_property
    def book(self) -> Accesses:
        # Who only asks whether a session runs writes nothing here.
        return Accesses()

    def read(self, session_id: str) -> Row | None:
        return self.get({"session_id": session_id})

    def open_of(self, staff_id: str) -> Row | None:
        """The session that a clerk opened last; it may have ended of itself."""
        guard = self.get(_desk(staff_id))
        return self.read(str(guard["open"])) if guard and guard.get("open") else None

    def opened_by(self, reading: str) -> Row | None:
        """The session that a reading has opened; a reading opens one."""
        used = self.get(_used(reading))
        return self.read(str(used["open"])) if used else None

    def open(self, row: Row, said: dict[str, Any], by: Actor, at: datetime) -> bool:
        """Open a session; false while the clerk has another one open. Raises TryAgain."""
        reading = {**_used(str(row["reading"])), "open": row["session_id"]}
        guard = {
            **_desk(str(row["staff_id"])),
            "open": row["session_id"],
            "open_until": row["until"],
        }
        desk = self.putting(guard, when=_FREE, now=stamp(at), me=row["session_id"])
        desk["Put"]["ExpressionAttributeNames"] = {"#open_until": "open_until", "#open": "open"}
        writes = [
            desk,
            self.putting(reading, when="attribute_not_exists(session_id)"),
            self.putting(row, when="attribute_not_exists(session_id)"),
        ]
        for _ in range(TRIES):
            try:
                self._entered(str(row["person_id"]), by, OPENED, said, writes)
            except ConditionFailed as stood:
                if stood.failed[0]:
                    return False
                if stood.failed[1] or stood.failed[2]:
                    break
                continue
            return True
        raise TryAgain

    def close(self, row: Row, said: dict[str, Any], by: Actor, at: datetime) -> Row:
        """Close a session and free the clerk; closed again, it stays as it is. Raises TryAgain."""
        key, desk = {"session_id": row["session_id"]}, _desk(str(row["staff_id"]))
        sets = {"closed_at": stamp(at)}
        for _ in range(TRIES):
            before = self.read(str(row["session_id"])) or row
            if before.get("closed_at"):
                return before
            writes = [self.updating(key, sets=sets, when="attribute_not_exists(closed_at)")]
            if (self.get(desk) or {}).get("open") == row["session_id"]:
                # A clerk whose session ended of itself may have another one open by now.
                freed = self.deleting(desk, when="#open = :me", me=row["session_id"])
                freed["Delete"]["ExpressionAttributeNames"] = {"#open": "open"}
                writes.append(freed)
            try:
                self._entered(str(row["person_id"]), by, CLOSED, said, writes)
            except ConditionFailed:
                continue
            return before | sets
        raise TryAgain

    def note_read_back(self, row: Row, application_id: str, done: dict[str, Any]) -> None:
        """Note what was read to the person and signed by them. Raises TryAgain."""
        read_backs = {**row.get("read_backs", {}), application_id: done}
        try:
            self.update(
                {"session_id": row["session_id"]},
                sets={"read_backs": read_backs},
                when="attribute_exists(session_id) AND attribute_not_exists(closed_at)",
            )
        except ConditionFailed:
            raise TryAgain from None

    def of_desk(self, unit: str, day: str) -> list[Row]:
        """The sessions of a desk on a day of the city, the first one first."""
        found = self.query("desk_day = :d", {":d": f"{unit}#{day}"}, index="by_desk_day")
        rows = self.get_many([{"session_id": row["session_id"]} for row in found])
        return sorted(rows, key=lambda row: str(row["opened_at"]))

    def _entered(
        self, person_id: str, by: Actor, act: str, said: dict[str, Any], writes: list[Write]
    ) -> None:
        entry = self.book.next_entry(chain_of(person_id), act, said, actor=by)
        transact(*writes, self.book.ledger.appending(entry))


def _desk(staff_id: str) -> dict[str, str]:
    return {"session_id": f"clerk#{staff_id}"}


def _used(reading: str) -> dict[str, str]:
    return {"session_id": f"reading#{reading}"}
