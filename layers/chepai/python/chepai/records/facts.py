"""What agencies said: append-only versions under (subject, kind), each chained to the one before.

This is the inbox too: a message is one version, known again by its id. A version is an entry of
the ledger by itself: `alg` names the digest of `hash`, `hour` is where whoever seals finds it, and
its chain in the log is "fact#<subject>|<kind>" with the version as its place.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import rfc8785

from chepai.domain import ledger as entries
from chepai.domain.digests import digest_by
from chepai.domain.facts import Fact, FactKind, newest
from chepai.records.applications import stamp
from chepai.records.ledger import suite
from chepai.records.table import ConditionFailed, Row, Table, TryAgain, Write


class Appended(StrEnum):
    """What became of a message: kept, known already, or another text under a known id."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


class Facts(Table):
    """Subject and "<kind>#<version>" are the key."""

    variable = "FACTS_TABLE"

    def append(
        self,
        subject: str,
        kind: FactKind,
        says: Mapping[str, Any],
        *,
        occurred_at: datetime,
        received_at: datetime,
        partner: str,
        message_id: str,
        kid: str,
        digest: str,
        valid_until: datetime | None = None,
        reply_to: str | None = None,
        algorithm: str = "",
        public_key: str = "",
    ) -> Appended:
        for _ in range(5):
            known = self._versions(subject, kind)
            for row in known:
                if row["message_id"] == message_id:
                    same = row["digest"] == digest
                    return Appended.DUPLICATE if same else Appended.CONFLICT
            row = {
                "says": dict(says),
                "occurred_at": stamp(occurred_at),
                "received_at": stamp(received_at),
                "partner": partner,
                "message_id": message_id,
                "kid": kid,
                "digest": digest,
                "valid_until": stamp(valid_until) if valid_until else None,
                "reply_to": reply_to,
                "algorithm": algorithm,
                "public_key": public_key,
            }
            try:
                self.put(
                    _version(subject, kind, known, row), when="attribute_not_exists(version_key)"
                )
            except ConditionFailed:
                continue
            return Appended.NEW
        raise TryAgain

    def appending(
        self, subject: str, kind: FactKind, says: Mapping[str, Any], *, at: datetime, by: str
    ) -> Write:
        """An act of our own (a signature, a review) as a fact, part of the act's transaction."""
        row = {
            "says": dict(says),
            "occurred_at": stamp(at),
            "received_at": stamp(at),
            "partner": by,
            "message_id": sha256(f"{subject}|{kind}|{stamp(at)}".encode()).hexdigest()[:32],
            "kid": "",
            "digest": digest_by(suite().digest)(rfc8785.dumps(dict(says))).hex(),
        }
        version = _version(subject, kind, self._versions(subject, kind), row)
        return self.putting(version, when="attribute_not_exists(version_key)")

    def newest(self, subject: str, kind: FactKind) -> Fact | None:
        return newest([_fact(row) for row in self._versions(subject, kind)])

    def of_kind(self, subject: str, kind: FactKind) -> list[Fact]:
        """All versions, oldest first."""
        return [_fact(row) for row in self._versions(subject, kind)]

    def of_kinds(self, subject: str, kinds: Collection[FactKind]) -> dict[FactKind, list[Fact]]:
        """All versions of several kinds about a subject, oldest first; one read for all."""
        if len(kinds) == 1:
            return {kind: self.of_kind(subject, kind) for kind in kinds}
        known = self._by_kind(subject)
        return {kind: known.get(kind, []) for kind in kinds}

    def of_subject(self, subject: str) -> dict[FactKind, Fact]:
        """The newest fact of each kind about a subject, in one read."""
        by_kind = self._by_kind(subject)
        return {kind: known for kind, facts in by_kind.items() if (known := newest(facts))}

    def at(self, places: Iterable[tuple[str, FactKind, int]]) -> list[Fact]:
        """Certain versions, by subject, kind and version; in no order."""
        keys = [
            {"subject": subject, "version_key": f"{kind.value}#{version:06d}"}
            for subject, kind, version in places
        ]
        return [_fact(row) for row in self.get_many(keys)]

    def cars_of(self, buyer: str) -> list[str]:
        """The VINs of all cars that were ever invoiced to a buyer (a blind index)."""
        found = self.query("buyer = :b", {":b": buyer}, index="by_buyer")
        return sorted({row["subject"].removeprefix("vin#") for row in found})

    def _by_kind(self, subject: str) -> dict[FactKind, list[Fact]]:
        by_kind: dict[FactKind, list[Fact]] = {}
        for row in self.query("subject = :s", {":s": subject}):
            fact = _fact(row)
            by_kind.setdefault(fact.kind, []).append(fact)
        return by_kind

    def _versions(self, subject: str, kind: FactKind) -> list[Row]:
        return list(
            self.query(
                "subject = :s AND begins_with(version_key, :k)",
                {":s": subject, ":k": f"{kind.value}#"},
            )
        )


def _version(
    subject: str, kind: FactKind, known: list[Row], row: Mapping[str, Any]
) -> dict[str, Any]:
    body = {
        "alg": suite().digest,
        "hour": entries.hour_of(row["received_at"], chain_of(subject, kind)),
        "subject": subject,
        "version_key": f"{kind.value}#{len(known) + 1:06d}",
        "prev": known[-1]["hash"] if known else "",
        **row,
    }
    if kind is FactKind.INVOICE:
        body["buyer"] = body["says"].get("buyer_blind")
    kept = {name: value for name, value in body.items() if value not in (None, "", {}, [])}
    return body | {"hash": entries.digest(kept)}


CHAIN = "fact#"
"""What the names of chains of facts begin with."""


def chain_of(subject: str, kind: FactKind) -> str:
    """The name of a chain of facts in the log."""
    return f"{CHAIN}{subject}|{kind.value}"


def place_of(key: Mapping[str, Any]) -> tuple[str, int]:
    """Chain and place in the log of a version, from its key in the table."""
    kind, _, version = str(key["version_key"]).partition("#")
    return chain_of(str(key["subject"]), FactKind(kind)), int(version)


def key_of(chain: str, seq: int) -> dict[str, str]:
    """The key in the table of a version, from its chain and place in the log."""
    subject, _, kind = chain.removeprefix(CHAIN).rpartition("|")
    return {"subject": subject, "version_key": f"{kind}#{seq:06d}"}


def _fact(row: Mapping[str, Any]) -> Fact:
    kind, version = row["version_key"].split("#")
    return Fact(
        subject=row["subject"],
        kind=FactKind(kind),
        version=int(version),
        says=row.get("says", {}),
        occurred_at=_moment(row["occurred_at"]),
        received_at=_moment(row["received_at"]),
        partner=row["partner"],
        message_id=row["message_id"],
        kid=row.get("kid", ""),
        digest=row["digest"],
        valid_until=_moment(row["valid_until"]) if row.get("valid_until") else None,
        reply_to=row.get("reply_to"),
        algorithm=row.get("algorithm", ""),
        public_key=row.get("public_key", ""),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
