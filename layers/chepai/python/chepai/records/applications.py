"""Applications, the guard "one open case per car" and the guard of repeated requests."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from chepai.domain.application import Application
from chepai.domain.attribution import of_cards
from chepai.domain.ledger import Actor, Evidence, rule_of
from chepai.domain.refusals import (
    AlreadyOpen,
    ApplicationUnknown,
    IdempotencyKeyReused,
    VersionConflict,
)
from chepai.records.ledger import Ledger
from chepai.records.ledger import entry as entry_of
from chepai.records.table import ConditionFailed, Row, Table, Write, transact

_ID = re.compile(r"app_[0-9A-Z]{26}")
SHARDS = 4
OPEN_QUEUES_ORDERED_BY = "due_at"


class Applications(Table):
    """One row a case; rows "vin#…" and "request#…" are guards and refer to their case."""

    variable = "APPLICATIONS_TABLE"

    @cached_property
    def ledger(self) -> Ledger:
        # Only functions that change a case know where the ledger is.
        return Ledger.from_env()

    def read(self, application_id: str) -> Application:
        # What has not the form of an identifier is no key that the table would take.
        known = _ID.fullmatch(application_id)
        row = self.get({"application_id": application_id}) if known else None
        if not row:
            raise ApplicationUnknown
        return Application.of(row)

    def read_own(self, application_id: str, person_id: str) -> Application:
        """A foreign case looks exactly like an unknown one."""
        application = self.read(application_id)
        if application.person_id != person_id:
            raise ApplicationUnknown
        return application

    def read_many(self, application_ids: Sequence[str]) -> list[Application]:
        keys = [{"application_id": each} for each in application_ids]
        return [Application.of(row) for row in self.get_many(keys)]

    def of_person(self, person_id: str) -> list[Application]:
        found = self.query("person_id = :p", {":p": person_id}, index="by_person")
        read = self.read_many([row["application_id"] for row in found])
        return sorted(read, key=lambda each: each.application_id, reverse=True)

    def page_of_person(
        self, person_id: str, *, limit: int, after: str = ""
    ) -> tuple[list[Application], str]:
        """One page of a person's cases, newest first, and where the next one starts."""
        found = [
            row["application_id"]
            for row in self.query(
                "person_id = :p",
                {":p": person_id},
                index="by_person",
                newest_first=True,
                limit=limit,
                after={"person_id": person_id, "application_id": after} if after else None,
            )
        ]
        read = {each.application_id: each for each in self.read_many(found)}
        pages = [read[each] for each in found if each in read]
        return pages, found[-1] if len(found) == limit else ""

    def page_of_queue(
        self, queue: str, *, limit: int, after: str = ""
    ) -> tuple[list[Application], str]:
        """One page of the open cases that a party holds, the one due first in front."""
        due, _, last = after.partition("|")
        rows = [
            row
            for shard in range(SHARDS)
            for row in self.query(
                "queue_shard = :q AND due_at >= :d",
                {":q": f"{queue}#{shard}", ":d": due or "0"},
                index="by_queue",
                limit=limit + 1,
            )
        ]
        places = sorted((str(row["due_at"]), str(row["application_id"])) for row in rows)
        page = [place for place in places if place > (due, last)][:limit]
        read = {each.application_id: each for each in self.read_many([one for _, one in page])}
        found = [read[one] for _, one in page if one in read]
        return found, "|".join(page[-1]) if len(page) == limit else ""

    def naming(self, code: str, application_id: str, until: datetime) -> Write:
        """A code that leads to a case until a time, as a part of a transaction."""
        row = {
            "application_id": f"code#{code}",
            "case": application_id,
            "until": stamp(until),
            "expires": int(until.timestamp()),
        }
        return self.putting(row, when="attribute_not_exists(application_id)")

    def named(self, code: str, now: datetime) -> str | None:
        """The case that a code leads to, while its time runs."""
        row = self.get({"application_id": f"code#{code}"})
        return str(row["case"]) if row and row["until"] > stamp(now) else None

    def due(self, queues: Sequence[str], before: str, *, each: int | None = None) -> list[str]:
        """The cases that somebody has to look at by then, the longest due first.

        `each` bounds what is read of one partition of one queue; None reads everything.
        """
        places = sorted(
            (str(row["due_at"]), str(row["application_id"]))
            for queue in queues
            for shard in range(SHARDS)
            for row in self.query(
                "queue_shard = :q AND due_at < :d",
                {":q": f"{queue}#{shard}", ":d": before},
                index="by_queue",
                limit=each,
            )
        )
        return [application_id for _, application_id in places]

    def rows(self, application_ids: Sequence[str]) -> list[Row]:
        """Cases as they are written, in the order asked for: one that nobody can read, too."""
        keys = [{"application_id": each} for each in application_ids]
        found = {str(row["application_id"]): row for row in self.get_many(keys)}
        return [found[each] for each in application_ids if each in found]

    def in_queue(self, queue: str, *, due_before: str = "9999") -> list[Application]:
        """Open cases that one party holds, the one that is due first in front."""
        found = [
            row["application_id"]
            for shard in range(SHARDS)
            for row in self.query(
                "queue_shard = :q AND due_at < :d",
                {":q": f"{queue}#{shard}", ":d": due_before},
                index="by_queue",
            )
        ]
        return sorted(self.read_many(found), key=lambda each: each.due_at)

    def file(
        self,
        application: Application,
        *,
        actor: Actor,
        key: str,
        fingerprint: str,
        also: Sequence[Write] = (),
    ) -> Application:
        """Enter a new case, or answer the one that this very request entered before.

        Raises `AlreadyOpen` when another case for the same car is open, `IdempotencyKeyReused`
        when the key was used with another body; any other failed condition rises as it is.
        """
        entry = entry_of(
            chain=application.application_id,
            seq=1,
            prev="",
            at=application.submitted_at,
            actor=actor,
            act="submitted",
            after={"status": application.status, "service": application.service},
            rule=application.profile_version,
        )
        filed = replace(
            application,
            version=1,
            chain_head=entry["hash"],
            since=application.submitted_at,
        )
        request = {
            "application_id": _request_key(application.person_id, application.service, key),
            "case": filed.application_id,
            "fingerprint": fingerprint,
        }
        guards = [
            self.putting(request, when="attribute_not_exists(application_id)"),
            self.putting(filed.row(), when="attribute_not_exists(application_id)"),
            self.ledger.appending(entry),
        ]
        if filed.vin:
            guards.insert(1, self.guarding(filed))
        try:
            transact(*guards, *also)
        except ConditionFailed as stood:
            earlier = stood.found[0]
            if stood.failed[0] and earlier:
                if earlier["fingerprint"] != fingerprint:
                    raise IdempotencyKeyReused from None
                return self.read(earlier["case"])
            if filed.vin and stood.failed[1]:
                raise AlreadyOpen from None
            raise
        return filed

    def filed_by_request(
        self, person_id: str, service: str, key: str, fingerprint: str
    ) -> Application | None:
        """The case that a request entered before, None when it entered none.

        Raises `IdempotencyKeyReused` when the key was used with another body.
        """
        row = self.get({"application_id": _request_key(person_id, service, key)})
        if row is None:
            return None
        if row["fingerprint"] != fingerprint:
            raise IdempotencyKeyReused
        return self.read(row["case"])

    def change(
        self,
        before: Application,
        *,
        actor: Actor,
        act: str,
        at: datetime | str,
        evidence: Sequence[Evidence | str] = (),
        rule: str = "",
        also: Sequence[Write] = (),
        close: bool = False,
        told: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Application:
        """Change a case and append its ledger entry in one transaction.

        `before` must be the case as it is now: another version raises `VersionConflict`. `also`
        are writes of other tables that happen with it; when a condition of theirs fails,
        `ConditionFailed` rises. `close` frees the car for another application.
        """
        moment = at if isinstance(at, str) else stamp(at)
        after = replace(before, **changes)
        entry = entry_of(
            chain=before.application_id,
            seq=before.version + 1,
            prev=before.chain_head,
            at=moment,
            actor=actor,
            act=act,
            before={"status": before.status} | _was(before, changes),
            after={"status": after.status} | _shown(changes) | dict(told or {}),
            evidence=evidence,
            rule=rule_of(before.profile_version, rule),
        )
        version = before.version + 1
        moved = {"version": version, "chain_head": entry["hash"]}
        if after.status != before.status:
            moved["since"] = moment
        writes = [
            self.updating(
                {"application_id": before.application_id},
                sets=changes | moved,
                when="version = :was",
                was=before.version,
            ),
            self.ledger.appending(entry),
            *also,
        ]
        if close and before.vin:
            writes.append(
                self.deleting(
                    {"application_id": _car_key(before)},
                    when="attribute_not_exists(application_id) OR #case = :me",
                    me=before.application_id,
                )
            )
            writes[-1]["Delete"]["ExpressionAttributeNames"] = {"#case": "case"}
        try:
            transact(*writes)
        except ConditionFailed as stood:
            if stood.failed[0] or stood.failed[1]:
                raise VersionConflict from None
            raise
        return replace(after, **moved)

    def look_again(self, application: Application, due_at: str, *, was_looked_at: int = 0) -> None:
        """When somebody looks next; no change of the case, so it has no entry in the ledger.

        `was_looked_at` is how often it was in vain before: this look ends the count.
        """
        with suppress(ConditionFailed):
            self.update(
                {"application_id": application.application_id},
                sets={"due_at": due_at} | ({"looked_in_vain": None} if was_looked_at else {}),
                when="queue_shard = :held",
                held=application.queue_shard,
            )

    def look_later(self, row: Row, due_at: str, times: int) -> None:
        """Put off a case that could not be looked at, and count how often."""
        self.update(
            {"application_id": row["application_id"]},
            sets={"due_at": due_at, "looked_in_vain": times},
            when="attribute_exists(queue_shard)",
        )

    def park(self, row: Row, queue: str, because: str, due_at: str) -> None:
        """Lay a case that nobody can read, or change by the rules, on a desk with the reason.

        The one change without an entry in the ledger: where such a row ends in its chain nobody
        can say. It touches nothing that the row tells of the case.
        """
        self.update(
            {"application_id": row["application_id"]},
            sets={
                "queue_shard": queue_shard(queue, str(row["application_id"])),
                "due_at": due_at,
                "stuck_because": because,
            },
            when="attribute_exists(application_id)",
        )

    def guarding(self, application: Application) -> Write:
        """The guard "one open case per car" as a part of a transaction."""
        guard = {"application_id": _car_key(application), "case": application.application_id}
        return self.putting(guard, when="attribute_not_exists(application_id)")


def stamp(moment: datetime) -> str:
    """An aware moment as our records write it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def queue_shard(queue: str, application_id: str) -> str:
    """The partition of the open cases that one party holds; four shards keep it cool."""
    return f"{queue}#{sha256(application_id.encode()).digest()[0] % SHARDS}" if queue else ""


def _car_key(application: Application) -> str:
    return f"vin#{application.vin}#{application.service}"


def _request_key(person_id: str, service: str, key: str) -> str:
    return "request#" + sha256(f"{person_id}|{service}|{key}".encode()).hexdigest()


# What an entry tells of a change: words and identifiers, not whole maps.
_TOLD = ("ending", "number", "payment_id", "fee_state", "certificate_no", "flagged")


def _was(before: Application, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What was there before of what an entry tells: a number that was given back is named."""
    was = {name: getattr(before, name) for name in _TOLD if name in changes}
    return {name: value for name, value in was.items() if value and value != changes[name]}


def _shown(changes: dict[str, Any]) -> dict[str, Any]:
    told = {name: changes[name] for name in _TOLD if changes.get(name)}
    if reasons := changes.get("reasons"):
        told["reasons"] = [each["code"] for each in reasons]
        if named := of_cards(reasons):
            told["responsible"] = named
    return told
