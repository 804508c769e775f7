"""Who looked at a person's data, as that person may know it (PIPL Arts 44-45, 48).

Everything about the person's own record is told: when, by which organisation and role, which
fields, for what and in which case. Officers appear by role and an opaque identifier that only the
auditor resolves; what another natural person did appears without their identifier. A reading for
an investigation is told later only while a court or the police asked for it in writing, the audit
administrator holds that paper, and its time has not ended.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

READ = "read"
INVESTIGATION = "investigation"
DELAYED, ENDED = "disclosure_delayed", "disclosure_delay_ended"
AUTHORITIES = ("COURT", "POLICE")
_NATURAL_PERSONS = frozenset({"citizen", "agent", "relative"})
_HOLDER = "audit_admin"


@dataclass(frozen=True)
class Hold:
    """A paper by which a court or the police asked to tell of an investigation later."""

    hold_id: str
    authority: str
    reference: str
    held_by: str
    since: str
    until: str

    def stands(self, now: datetime) -> bool:
        """Whether it delays anything now: a paper with a number, held by the right role, in time.

        Whoever writes a hold without one of these delays nothing.
        """
        complete = self.authority in AUTHORITIES and self.reference and self.held_by == _HOLDER
        return bool(complete) and _at(self.since) <= now < _at(self.until)


@dataclass(frozen=True)
class Access:
    """One reading as the person sees it; `officer` is empty for systems and for other persons."""

    seq: int
    at: str
    role: str
    officer: str
    organisation: str
    purpose: str
    case: str
    fields: tuple[str, ...]
    by_myself: bool


def holds(entries: Iterable[Mapping[str, Any]]) -> list[Hold]:
    """The holds that the entries about a person's delays describe, ended ones cut short."""
    found: dict[str, Hold] = {}
    for entry in entries:
        said = entry.get("to", {})
        hold_id = str(said.get("hold", ""))
        if entry["act"] == DELAYED:
            found[hold_id] = Hold(
                hold_id=hold_id,
                authority=str(said.get("authority", "")),
                reference=str(said.get("reference", "")),
                held_by=str(entry["actor"].get("role", "")),
                since=str(entry["at"]),
                until=str(said.get("until", "")),
            )
        elif entry["act"] == ENDED and hold_id in found:
            held = found[hold_id]
            found[hold_id] = replace(held, until=min(held.until, str(entry["at"])))
    return list(found.values())


def is_told(entry: Mapping[str, Any], delays: Sequence[Hold], now: datetime) -> bool:
    """Whether the person may know of this entry now."""
    if entry["act"] != READ:
        return False
    said = entry.get("to", {})
    if said.get("purpose") != INVESTIGATION:
        return True
    return not any(each.hold_id == said.get("hold") and each.stands(now) for each in delays)


def shown(entry: Mapping[str, Any], person_id: str) -> Access:
    """An entry in the words that the person sees; never another person's identifier."""
    actor, said = entry["actor"], entry.get("to", {})
    role, who = str(actor.get("role", "")), str(actor.get("id", ""))
    mine = role == "citizen" and who == person_id
    nameless = role in _NATURAL_PERSONS or role == "system"
    return Access(
        seq=int(entry["seq"]),
        at=str(entry["at"]),
        role=role,
        officer="" if nameless else officer(who),
        organisation=str(said.get("receiver", "") or actor.get("unit", "")),
        purpose=str(said.get("purpose", "")),
        case=str(said.get("case", "")),
        fields=tuple(str(each) for each in said.get("fields", ())),
        by_myself=mine,
    )


def officer(staff_id: str) -> str:
    """An opaque name of an officer, the same at every access, so that a person sees a pattern.

    `staff_id` is the subject that the issuer made up for them by chance: from a personnel number
    the name could be tried out, from that subject it cannot.
    """
    return "off_" + sha256(f"officer|{staff_id}".encode()).hexdigest()[:12]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
