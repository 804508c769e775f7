"""Which threads lead to an entry of the ledger (责任追溯, both ways).

From a fact, an actor, a partner or a rule to every entry that rests on it: the rows of table
`traces`, which whoever seals an entry writes once after it. What leads from a person to the acts
on their own records needs no thread: these lie under the person's applications already.
"""

from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from chepai.domain.heartbeat import is_heartbeat
from chepai.domain.ledger import SYSTEM

FACT, ACTOR, PARTNER, RULE, PERSON = "fact", "actor", "partner", "rule", "person"
SESSION, DAY = "session", "day"
SHARDS = 4
_BUSY = frozenset({PARTNER, RULE, DAY})
"""Kinds of thread on which every case of a city lies: they are spread over `SHARDS` partitions."""
_SHA_256, _SEQ_DIGITS = 64, 6


class Noted(StrEnum):
    """What the supervision centre draws from and counts: decisions, and acts that can be overdone.

    An override is a decision of a person against what the rules found; a reissue is of concern
    when an officer had to decide on it, or when it is not the first one of the car.
    """

    REGISTERED = "registered"
    REISSUED = "reissued"
    CONCERN = "concern"
    REFUSED = "refused"
    OVERRIDE = "override"
    FILED = "filed"


class Thread(NamedTuple):
    """One row of table `traces`; `thread` and `place` are its key, so writing it again is the same.

    `fact` is "subject|kind|version" where that is known: an act of ours can have the digest of
    another one that says the same of another case. `by` is who acted for whom, as
    "role#id#person" and told only of what is noted, as is the `session` in which it was filed.
    """

    thread: str
    place: str
    act: str
    fact: str = ""
    noted: str = ""
    by: str = ""
    session: str = ""

    def row(self) -> dict[str, str]:
        """The row as the table takes it; what is empty is left out by the table."""
        return self._asdict()


def threads(entry: Mapping[str, Any]) -> tuple[Thread, ...]:
    """The rows that lead to one entry, each once.

    `entry` is a row of the ledger in either form of its evidence: objects, or the bare digests
    that entries of version 1 carried. Pure and total: what an entry lacks gives no thread.
    """
    place, act = place_of(entry), str(entry.get("act", ""))
    actor = entry.get("actor") or {}
    word = noted(entry)
    by = "#".join(str(actor.get(part, "")) for part in ("role", "id", "for")) if word else ""
    session = str(actor.get("session", "")) if word == Noted.FILED else ""
    found: dict[str, Thread] = {}

    def add(kind: str, value: str, fact: str = "") -> None:
        if value:
            key = _key(kind, value, str(entry["chain"]))
            found.setdefault(key, Thread(key, place, act, fact, word, by, session))

    for piece in _evidence(entry):
        add(FACT, piece.get("digest", ""), fact_name(piece))
        add(PARTNER, piece.get("partner", ""))
    if actor.get("role") != SYSTEM and actor.get("id"):
        add(ACTOR, f"{actor['role']}#{actor['id']}")
    add(PERSON, str(actor.get("for", "")))
    add(SESSION, session)
    # By the day of UTC, which every moment of ours begins with.
    add(DAY, str(entry["at"])[:10] if word else "")
    for rule in _rules(entry):
        add(RULE, rule)
    return tuple(found.values())


_DECIDES = {
    "submitted": Noted.FILED,
    "registered": Noted.REGISTERED,
    "recertified": Noted.REISSUED,
}
_REFUSALS = ("rejected", "not_accepted")


def noted(entry: Mapping[str, Any]) -> str:
    """What an entry counts as for supervision; empty for most."""
    before, after = entry.get("from") or {}, entry.get("to") or {}
    if is_heartbeat(str((entry.get("actor") or {}).get("id", ""))):
        return ""
    if after.get("set_aside"):
        return Noted.OVERRIDE
    if after.get("status") in _REFUSALS and before.get("status") != after["status"]:
        return Noted.REFUSED
    if after.get("concern"):
        return Noted.CONCERN
    return _DECIDES.get(str(entry.get("act", "")), "")


def place_of(entry: Mapping[str, Any]) -> str:
    """Where an entry lies, so that places sort by time."""
    return f"{entry['at']}#{entry['chain']}#{int(entry['seq']):0{_SEQ_DIGITS}d}"


class Place(NamedTuple):
    """A place taken apart: when, and which entry of which chain."""

    at: str
    chain: str
    seq: int

    @classmethod
    def of(cls, place: str) -> "Place":
        at, _, rest = place.partition("#")
        chain, _, seq = rest.rpartition("#")
        return cls(at, chain, int(seq))


def keys_of(kind: str, value: str) -> tuple[str, ...]:
    """The partitions under which the threads of one value lie."""
    if kind not in _BUSY:
        return (f"{kind}#{value}",)
    return tuple(f"{kind}#{value}#{shard}" for shard in range(SHARDS))


def fact_name(piece: Mapping[str, Any]) -> str:
    """A fact as "subject|kind|version"; empty when the evidence does not say which it is."""
    named = [str(piece.get(part, "")) for part in ("subject", "kind", "version")]
    return "|".join(named) if all(named) else ""


def _key(kind: str, value: str, chain: str) -> str:
    if kind not in _BUSY:
        return f"{kind}#{value}"
    return f"{kind}#{value}#{sha256(chain.encode()).digest()[0] % SHARDS}"


def _evidence(entry: Mapping[str, Any]) -> list[dict[str, str]]:
    pieces: list[dict[str, str]] = []
    for piece in entry.get("evidence") or ():
        if isinstance(piece, Mapping):
            pieces.append({name: str(value) for name, value in piece.items() if value is not None})
        elif len(piece) == _SHA_256:
            pieces.append({"digest": str(piece)})
    return pieces


def _rules(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The profile version and the articles that an entry was made by.

    The version leads to the entry that brings a case under it and to those that judge by it:
    every other one would only repeat it. Articles are written in capitals, versions are not.
    """
    rule = entry.get("rule") or ""
    said = rule.values() if isinstance(rule, Mapping) else str(rule).split("#")
    judged = int(entry["seq"]) == 1 or bool(_evidence(entry))
    return tuple(str(each) for each in said if each and (judged or str(each)[0].isupper()))
