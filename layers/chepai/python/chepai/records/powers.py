"""Powers of attorney: one row an agent and principal, and one row an agent and year that counts."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from chepai.domain.ledger import Actor
from chepai.domain.refusals import AgentHasTooMany, PowerUnknown
from chepai.records.accesses import Accesses
from chepai.records.applications import stamp
from chepai.records.table import ConditionFailed, Row, Table, TryAgain, Write, transact

TRIES = 5
GIVEN, REVOKED = "power_given", "power_revoked"


class Powers(Table):
    """Each power is entered in the ledger in its own transaction, in its principal's chain."""

    variable = "POWERS_TABLE"

    @cached_property
    def book(self) -> Accesses:
        # Who only asks whether there is a power writes nothing.
        return Accesses()

    def services(self, agent_id: str, principal_id: str, day: str) -> frozenset[str]:
        """The services in which the agent may act for the principal on a day; mostly none."""
        row = self.get(_key(agent_id, principal_id)) or {}
        runs = not row.get("revoked_at") and row.get("until", "") >= day
        return frozenset(row["services"]) if runs else frozenset()

    def give(
        self,
        agent_id: str,
        by: Actor,
        services: Sequence[str],
        *,
        until: str,
        at: datetime,
        most: int,
    ) -> Row:
        """Give or change a power; at most so many principals of one agent in a calendar year.

        Raises AgentHasTooMany, TryAgain.
        """
        year, key = at.year, _key(agent_id, _principal(by))
        sets: dict[str, Any] = {
            "services": sorted(services),
            "until": until,
            "given_at": stamp(at),
            "revoked_at": None,
            "year": year,
        }
        for _ in range(TRIES):
            before = self.get(key) or {}
            known = before.get("year", 0)
            unchanged = "#s4 = :known" if known else "attribute_not_exists(agent_id)"
            values = {"known": known} if known else {}
            writes = [self.updating(key, sets=sets, when=unchanged, **values)]
            if known != year:
                writes.append(self._counting(agent_id, year, most))
            said = {"agent": agent_id, "services": sorted(services), "until": until}
            try:
                self._entered(by, GIVEN, said, writes)
            except ConditionFailed as stood:
                if len(writes) > 1 and stood.failed[1]:
                    raise AgentHasTooMany from None
                continue
            return {**before, **key, **sets}
        raise TryAgain

    def revoke(self, agent_id: str, by: Actor, *, at: datetime) -> Row:
        """End a power now; ended again, it stays as it is. Raises PowerUnknown, TryAgain."""
        key = _key(agent_id, _principal(by))
        for _ in range(TRIES):
            before = self.get(key)
            if before is None:
                raise PowerUnknown
            if before.get("revoked_at"):
                return before
            sets = {"revoked_at": stamp(at)}
            write = self.updating(key, sets=sets, when="attribute_not_exists(revoked_at)")
            try:
                self._entered(by, REVOKED, {"agent": agent_id}, [write])
            except ConditionFailed:
                continue
            return before | sets
        raise TryAgain

    def given_by(self, principal_id: str) -> list[Row]:
        found = self.query("principal_id = :p", {":p": principal_id}, index="by_principal")
        keys = [_key(row["agent_id"], principal_id) for row in found]
        return sorted(self.get_many(keys), key=lambda row: str(row["given_at"]), reverse=True)

    def held_by(self, agent_id: str) -> list[Row]:
        held = "agent_id = :a AND begins_with(principal_id, :p)"
        return list(self.query(held, {":a": agent_id, ":p": "per_"}))

    def _counting(self, agent_id: str, year: int, most: int) -> Write:
        return self.updating(
            _key(agent_id, f"year#{year}"),
            adds={"principals": 1},
            when="attribute_not_exists(principals) OR principals < :most",
            most=most,
        )

    def _entered(self, by: Actor, act: str, said: dict[str, Any], writes: list[Write]) -> None:
        entry = self.book.next_entry(f"person#{_principal(by)}", act, said, actor=by)
        transact(*writes, self.book.ledger.appending(entry))


def _principal(by: Actor) -> str:
    """Whose power it is: a clerk enters it for who sits at the desk."""
    return by.on_behalf_of or by.id


def _key(agent_id: str, principal_id: str) -> dict[str, str]:
    return {"agent_id": agent_id, "principal_id": principal_id}
