"""What persons ask about their data; each change is in the person's chain in one transaction."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from chepai.domain.data_requests import State
from chepai.domain.ledger import Actor
from chepai.records.accesses import TRIES, Accesses, chain_of
from chepai.records.table import ConditionFailed, Row, Table, TryAgain, Write, transact


class DataRequests(Table):
    """One row a request; open ones lie in a sparse index by the day they are due."""

    variable = "DATA_REQUESTS_TABLE"

    @cached_property
    def book(self) -> Accesses:
        return Accesses()

    def read(self, request_id: str) -> Row | None:
        return self.get({"request_id": request_id})

    def enter(self, row: Mapping[str, Any], *, actor: Actor, act: str) -> Row:
        """Enter a request, or answer the one with this identifier that is there already."""
        write = self.putting({**row, "version": 1}, when="attribute_not_exists(request_id)")
        said = {"request": row["request_id"], "kind": row["kind"], **dict(row.get("about", {}))}
        try:
            self._with_entry(str(row["person_id"]), act, said, write, actor=actor)
        except ConditionFailed as there:
            found = there.found[0]
            if found is None:
                raise TryAgain from None
            return found
        return {**row, "version": 1}

    def move(
        self,
        before: Row,
        changes: Mapping[str, Any],
        said: Mapping[str, Any],
        *,
        actor: Actor,
        act: str,
    ) -> Row:
        """Change a request as it was read. Raises TryAgain when somebody else was quicker."""
        moved = {**changes, "version": int(before["version"]) + 1}
        write = self.updating(
            {"request_id": before["request_id"]},
            sets=moved,
            when="version = :was",
            was=before["version"],
        )
        told = {"request": before["request_id"], "kind": before["kind"], **said}
        try:
            self._with_entry(str(before["person_id"]), act, told, write, actor=actor)
        except ConditionFailed:
            raise TryAgain from None
        return {**before, **moved}

    def of_person(self, person_id: str, *, limit: int) -> list[Row]:
        """A person's requests, newest first."""
        found = self.query(
            "person_id = :p",
            {":p": person_id},
            index="by_person",
            newest_first=True,
            limit=limit,
        )
        return self._whole([str(row["request_id"]) for row in found])

    def waiting(self, state: State, *, limit: int) -> list[Row]:
        """The requests that wait for an answer, the one due first in front."""
        found = self.query("open_state = :s", {":s": state}, index="by_state", limit=limit)
        return self._whole([str(row["request_id"]) for row in found])

    def take_search(self, staff_id: str, hour: str, *, most: int) -> bool:
        """Whether a member of staff may look for one more ID number in this hour."""
        try:
            self.update(
                {"request_id": f"searches#{staff_id}#{hour}"},
                adds={"count": 1},
                when="attribute_not_exists(#a0) OR #a0 < :most",
                most=most,
            )
        except ConditionFailed:
            return False
        return True

    def _whole(self, request_ids: Sequence[str]) -> list[Row]:
        rows = self.get_many([{"request_id": each} for each in request_ids])
        known = {str(row["request_id"]): row for row in rows}
        return [known[each] for each in request_ids if each in known]

    def _with_entry(
        self, person_id: str, act: str, said: Mapping[str, Any], write: Write, *, actor: Actor
    ) -> None:
        for _ in range(TRIES):
            entry = self.book.next_entry(chain_of(person_id), act, dict(said), actor=actor)
            try:
                transact(write, self.book.ledger.appending(entry))
            except ConditionFailed as stood:
                if stood.failed[0]:
                    raise
                # The place in the chain was taken by another reading: the next one.
                continue
            return
        raise TryAgain
