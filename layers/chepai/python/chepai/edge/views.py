"""What a person sees of their own case: words, masked values, and both languages."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chepai.domain.application import Application
from chepai.domain.facts import Fact, FactKind, shown
from chepai.domain.life_cycle import STAGES, Status
from chepai.domain.reasons import ReasonCard
from chepai.edge.api import Answer
from chepai.edge.texts import codes, say_in_both

Texts = dict[str, dict[str, str]]


class Brief(Answer):
    """One case in a list."""

    application_id: str
    service: str
    status: str
    status_text: Texts
    vin: str
    submitted_at: str
    number: str | None = None


class Confirmation(Answer):
    """What the agencies supplied and the owner stated, with the digest that a signature is over."""

    digest: str
    entries: dict[str, Any]
    facts: dict[str, dict[str, Any]]


class Case(Brief):
    """One case as its owner reads it. Amounts are in fen, times UTC, days those of the city."""

    since: str
    possible: list[str]
    energy: str | None = None
    plate_kind: str | None = None
    number_held_until: str | None = None
    accepted_at: str | None = None
    legal_end: str | None = None
    signed_at: str | None = None
    payment_id: str | None = None
    fee_fen: int | None = None
    fee_state: str | None = None
    certificate_no: str | None = None
    address_kept_at: str | None = None
    appointment: dict[str, Any] | None = None
    disputes: dict[str, Any] | None = None
    temporary_plates: list[dict[str, Any]] | None = None
    ending: str | None = None
    reasons: list[dict[str, Any]]
    confirmation: Confirmation | None = None


def brief(application: Application) -> Brief:
    return Brief(**_brief(application))


def case(application: Application, confirmation: Confirmation | None = None) -> Case:
    return Case(
        **_brief(application),
        since=application.since,
        possible=possible(application),
        energy=application.energy or None,
        plate_kind=application.plate_kind or None,
        number_held_until=application.number_held_until or None,
        accepted_at=application.accepted_at or None,
        legal_end=application.legal_end or None,
        signed_at=application.signed.get("at"),
        payment_id=application.payment_id if application.fee_state else None,
        fee_fen=application.fee_fen if application.fee_state else None,
        fee_state=application.fee_state or None,
        certificate_no=application.certificate_no or None,
        address_kept_at=application.address_kept_at or None,
        appointment=dict(application.appointment) or None,
        disputes=dict(application.disputes) or None,
        temporary_plates=[dict(each) for each in application.temporary_plates] or None,
        ending=application.ending or None,
        reasons=[card(each) for each in application.reasons],
        confirmation=confirmation,
    )


def status_text(application: Application) -> Texts:
    """Where a case stands, in the words of its service where that has its own."""
    own = f"{application.status}.{application.service}"
    return say_in_both("states", own if own in codes("states") else application.status)


def _brief(application: Application) -> dict[str, Any]:
    return {
        "application_id": application.application_id,
        "service": application.service,
        "status": application.status,
        "status_text": status_text(application),
        "vin": application.vin,
        "submitted_at": application.submitted_at,
        "number": application.number or None,
    }


def possible(application: Application) -> list[str]:
    """The acts that the owner or staff may do now."""
    stopping = application.ending and application.ending != application.status
    return [] if stopping else sorted(STAGES[Status(application.status)].acts)


def card(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A reason card as the case keeps it, with every part in words, in both languages."""
    words = {name: kept.get(name) for name in ReasonCard.__dataclass_fields__}
    made = ReasonCard(**words | {"deadline": date.fromisoformat(str(kept["deadline"]))})  # type: ignore[arg-type]  # the words of a kept card are complete
    values = made.values()
    texts = {part: say_in_both("reasons", entry, **values) for part, entry in made.texts().items()}
    return {**made.record(), "texts": texts}


def supplied(known: Mapping[FactKind, Fact]) -> dict[str, dict[str, Any]]:
    return {kind.value: shown(fact) for kind, fact in sorted(known.items())}
