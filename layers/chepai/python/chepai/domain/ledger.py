"""One entry of the ledger (责任追溯): who did what, when, from what to what, on which evidence.

Entries are canonical JSON (RFC 8785) and chained by SHA-256, one chain per subject; they hold
identifiers, codes and digests only, never personal data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785


@dataclass(frozen=True)
class Actor:
    """Who acts: a role, the identifier within it, the unit, and on whose behalf."""

    role: str
    id: str
    unit: str = ""
    on_behalf_of: str = ""

    def entry(self) -> dict[str, str]:
        parts = {"role": self.role, "id": self.id, "unit": self.unit, "for": self.on_behalf_of}
        return {name: value for name, value in parts.items() if value}


SYSTEM = "system"


def entry(
    *,
    chain: str,
    seq: int,
    prev: str,
    at: str,
    actor: Actor,
    act: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    evidence: Sequence[str] = (),
    rule: str = "",
    trace: str = "",
) -> dict[str, Any]:
    """The row to append: `seq` counts from 1, `prev` is the hash of the entry before it."""
    body: dict[str, Any] = {
        "v": 1,
        "chain": chain,
        "seq": seq,
        "prev": prev,
        "at": at,
        "actor": actor.entry(),
        "act": act,
        "from": dict(before or {}),
        "to": dict(after or {}),
        "evidence": sorted(evidence),
        "rule": rule,
        "trace": trace,
    }
    return body | {"hash": digest(body)}


def digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form of an entry without its own hash, in hex."""
    return sha256(rfc8785.dumps({k: v for k, v in body.items() if k != "hash"})).hexdigest()


def first_broken(entries: Sequence[Mapping[str, Any]]) -> int | None:
    """The sequence number of the first entry that does not fit its chain; None when all do."""
    prev = ""
    for place, body in enumerate(entries, start=1):
        if body["seq"] != place or body["prev"] != prev or digest(body) != body["hash"]:
            return place
        prev = body["hash"]
    return None
