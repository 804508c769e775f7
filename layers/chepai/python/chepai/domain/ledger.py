"""One entry of the ledger (责任追溯): who did what, when, from what to what, on which evidence.

Entries are canonical JSON (RFC 8785) and chained by the digest that `alg` names, one chain per
subject; they hold identifiers, codes and digests only, never personal data.

    v         2, the version of this form
    alg       the digest of `hash` and of the chain: "sha-256" or "sm3"
    chain     what the entry is about: "app_…", "person#per_…", "city#qingdao", …
    seq, prev place in the chain from 1 on, and the hash of the entry before ("" for the first)
    at        when, by the server's clock: UTC, milliseconds, Z
    hour      the hour of `at` and a shard: where whoever seals finds the entry
    actor     {role, id, unit, session, for}: who, signed in where, on whose behalf
    act       what was done, a stable word
    from, to  what it was and what it became, in words and identifiers
    evidence  [{subject, kind, version, digest, kid, partner, shown}] of facts, where `shown` is the
              SHA-256 of what their owner is shown of them; {reference} of the rest
    rule      the version of the profile, and after "#" the article where one was applied
    trace     the request or execution in which it was done
    hash      the digest of all of this without `hash`
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

import rfc8785

from chepai.domain.digests import SHA_256, digest_by
from chepai.domain.facts import Fact, shown

Evidence: TypeAlias = Mapping[str, Any]
SHARDS = 4
"""Into how many partitions an hour's entries are spread for whoever seals them."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a role, the identifier within it, the unit, the session, and on whose behalf."""

    role: str
    id: str
    unit: str = ""
    on_behalf_of: str = ""
    session: str = ""

    def entry(self) -> dict[str, str]:
        parts = {
            "role": self.role,
            "id": self.id,
            "unit": self.unit,
            "session": self.session,
            "for": self.on_behalf_of,
        }
        return {name: value for name, value in parts.items() if value}


SYSTEM = "system"


def evidence_of(fact: Fact) -> dict[str, Any]:
    """A fact as evidence: which version of it, whose word, and by which key it was signed."""
    return {
        "subject": fact.subject,
        "kind": fact.kind.value,
        "version": fact.version,
        "digest": fact.digest,
        "kid": fact.kid,
        "partner": fact.partner,
        # By this an owner can tell that what they are shown of it is what was recorded.
        "shown": sha256(rfc8785.dumps(shown(fact))).hexdigest(),
    }


def rule_of(profile_version: str, article: str = "") -> str:
    """Under which profile, and by which article where one was applied."""
    return f"{profile_version}#{article}" if article else profile_version


def hour_of(at: str, chain: str) -> str:
    """Where whoever seals finds what was written: the hour, and a shard of the chain's own."""
    return f"{at[:13]}#{sha256(chain.encode('utf-8', 'surrogatepass')).digest()[0] % SHARDS}"


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
    evidence: Sequence[Evidence | str] = (),
    rule: str = "",
    trace: str = "",
    alg: str = SHA_256,
) -> dict[str, Any]:
    """The row to append: `seq` counts from 1, `prev` is the hash of the entry before it."""
    body: dict[str, Any] = {
        "v": 2,
        "alg": alg,
        "chain": chain,
        "seq": seq,
        "prev": prev,
        "at": at,
        "hour": hour_of(at, chain),
        "actor": actor.entry(),
        "act": act,
        "from": dict(before or {}),
        "to": dict(after or {}),
        "evidence": sorted(map(_piece, evidence), key=rfc8785.dumps),
        "rule": rule,
        "trace": trace,
    }
    return body | {"hash": digest(body)}


def _piece(said: Evidence | str) -> dict[str, Any]:
    if isinstance(said, str):
        return {"reference": said}
    return {name: value for name, value in said.items() if value not in (None, "")}


def canonical(body: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed and sealed: canonical JSON of an entry without its own hash."""
    return rfc8785.dumps({name: value for name, value in body.items() if name != "hash"})


def digest(body: Mapping[str, Any]) -> str:
    """The digest, by the algorithm the entry names, of its canonical form, in hex."""
    return digest_by(str(body.get("alg", SHA_256)))(canonical(body)).hex()


# Empty attributes are not stored; the hash was taken over the whole entry.
_EMPTY: Mapping[str, Any] = {
    "prev": "", "from": {}, "to": {}, "evidence": [], "rule": "", "trace": "",
}  # fmt: skip


def whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as it was hashed, from its row in the table."""
    return {**_EMPTY, **row}


def first_broken(entries: Sequence[Mapping[str, Any]]) -> int | None:
    """The sequence number of the first entry that does not fit its chain; None when all do."""
    prev = ""
    for place, body in enumerate(entries, start=1):
        if body["seq"] != place or body["prev"] != prev or not _is_own(body):
            return place
        prev = body["hash"]
    return None


def _is_own(body: Mapping[str, Any]) -> bool:
    try:
        return digest(body) == str(body["hash"])
    except LookupError:
        # No digest of ours has that name: somebody wrote it.
        return False
