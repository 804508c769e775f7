"""The card that tells a person why a case is held up or refused, and what to do (原因卡).

A card carries stable codes; its sentences are in the catalogue (`reasons.json`): the code itself
for what happened, and `rule.`, `field.`, `agency.`, `remedy.`, `deadline.` and `appeal.` entries
for the parts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chepai.domain.facts import FactKind
from chepai.domain.findings import (
    GRAVITY,
    Consequence,
    Finding,
    Ground,
    Limit,
    Outcome,
)
from chepai.domain.profile import CityProfile

PUBLIC_SUSPICION = "A09-ON-SITE"


@dataclass(frozen=True)
class ReasonCard:
    """Why, by which rule, on which value, and who does what until when.

    `seen` is masked; `deadline` is the last day; a card never lacks a part except what has no
    single field, or nothing seen.
    """

    code: str
    consequence: str
    rule: str
    field: str | None
    seen: str | None
    agency: str
    who_must_act: str
    what_fixes_it: str
    deadline: date
    deadline_kind: str
    appeal: str

    def record(self) -> dict[str, Any]:
        """The plain form, for storing and for the API."""
        return {
            "code": self.code,
            "consequence": self.consequence,
            "rule": self.rule,
            "field": self.field,
            "seen": self.seen,
            "agency": self.agency,
            "who_must_act": self.who_must_act,
            "what_fixes_it": self.what_fixes_it,
            "deadline": self.deadline.isoformat(),
            "deadline_kind": self.deadline_kind,
            "appeal": self.appeal,
        }

    def texts(self) -> dict[str, str]:
        """Which catalogue entry says which part of the card."""
        parts = {
            "what": self.code,
            "rule": f"rule.{self.rule}",
            "agency": f"agency.{self.agency}",
            "who_must_act": f"agency.{self.who_must_act}",
            "what_fixes_it": f"remedy.{self.what_fixes_it}",
            "deadline": f"deadline.{self.deadline_kind}",
            "appeal": f"appeal.{self.appeal}",
        }
        return parts | ({"field": f"field.{self.field}"} if self.field else {})

    def values(self) -> dict[str, str]:
        """What fills the placeholders of those entries; the field and agency by their code."""
        return {"seen": self.seen or "", "deadline": self.deadline.isoformat()}


# A value that cannot be compared because the person or the certificate it is compared with is
# itself in doubt says nothing of its own: only the cause is told, unless it is the lighter one.
_FOLLOWS: Mapping[str, FactKind] = {
    "F06-BUYER": FactKind.IDENTITY,
    "F06-NAME": FactKind.IDENTITY,
    "F06-NO-IDENTITY": FactKind.IDENTITY,
    "F07-TAXPAYER": FactKind.IDENTITY,
    "F07-NO-IDENTITY": FactKind.IDENTITY,
    "F08-INSURED": FactKind.IDENTITY,
    "F08-NO-IDENTITY": FactKind.IDENTITY,
    "F04-MODEL": FactKind.CERTIFICATE,
    "F04-PARAMETER": FactKind.CERTIFICATE,
    "F04-NO-CERTIFICATE": FactKind.CERTIFICATE,
    "F06-CERTIFICATE": FactKind.CERTIFICATE,
}


_LEAVES_IN_DOUBT = frozenset(
    {"MISMATCH", "ID", "NAME", "VIN", "VOID", "MISSING", "NOT-FOUND", "SILENT", "STALE"}
    | {"UNAVAILABLE", "UNREADABLE"}
)


def cards(
    findings: Iterable[Finding],
    grounds: Mapping[str, Ground],
    *,
    today: date,
    profile: CityProfile,
    for_staff: bool = False,
) -> tuple[ReasonCard, ...]:
    """One card for each thing that holds a case up, gravest first.

    A ground of suspicion is told to staff only; the owner is shown what to do and where.
    """
    holding = [finding for finding in findings if finding.outcome is not Outcome.MATCHED]
    doubts = {
        each.kind: GRAVITY[grounds[each.code].consequence]
        for each in holding
        if each.code.partition("-")[2] in _LEAVES_IN_DOUBT
    }
    made: dict[tuple[str, str | None], ReasonCard] = {}
    for finding in holding:
        cause = doubts.get(_FOLLOWS[finding.code]) if finding.code in _FOLLOWS else None
        if cause is not None and cause >= GRAVITY[grounds[finding.code].consequence]:
            continue
        ground = grounds[finding.code]
        hidden = ground.consequence is Consequence.SUSPICIOUS and not for_staff
        card = _card(
            grounds[PUBLIC_SUSPICION] if hidden else ground, finding, hidden, today, profile
        )
        made.setdefault((card.code, card.field), card)
    return tuple(sorted(made.values(), key=lambda card: -GRAVITY[Consequence(card.consequence)]))


def card_of(
    ground: Ground, *, today: date, profile: CityProfile, seen: str | None = None
) -> ReasonCard:
    """The card of a ground that no finding stands behind: where a case is, what befell it."""
    return _card(ground, ground.found(seen=seen), False, today, profile)


def _card(
    ground: Ground, finding: Finding, hidden: bool, today: date, profile: CityProfile
) -> ReasonCard:
    return ReasonCard(
        code=ground.code,
        consequence=ground.consequence,
        rule=ground.rule,
        field=ground.field if hidden else finding.field,
        seen=None if hidden else finding.seen,
        agency=ground.agency,
        who_must_act=ground.who_acts,
        what_fixes_it=ground.remedy,
        deadline=last_day(ground.limit, today, profile),
        deadline_kind=ground.limit,
        appeal=ground.appeal,
    )


def last_day(limit: Limit, today: date, profile: CityProfile) -> date:
    """The last day of a limit that starts today; the starting day does not count."""
    return profile.last_day(limit, today)
