"""What agencies say about a vehicle, a person or an application: what judgements rest on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

Said = str | int | bool | Sequence[str] | Mapping[str, int] | None
"""One value a fact may carry; persons appear only as blind indexes and masked text."""


class FactKind(StrEnum):
    """The kinds of fact: F are what the law has verified, A what our process waits for."""

    IDENTITY = "F01"
    CERTIFICATE = "F03"
    ANNOUNCEMENT = "F04"
    PRE_INSPECTION = "F05"
    INVOICE = "F06"
    PURCHASE_TAX = "F07"
    COMPULSORY_INSURANCE = "F08"
    VESSEL_TAX = "F09"
    VEHICLE_STATUS = "F10"
    MORTGAGE = "F14"
    EMISSION = "F19"
    DELIVERY = "F20"
    OWNER_READY = "A01"
    FEE = "A02"
    REVIEW = "A03"
    REGISTER = "A04"
    PLATES = "A05"
    PAPERS = "A06"
    INSPECTION = "A07"
    CORRECTION = "A08"
    OFFICER = "A09"
    COSIGNATURE = "A10"
    MESSAGE = "A11"
    SEGMENT = "A12"
    REFUND = "A13"
    WITHDRAWAL = "A14"
    PAYMENTS_STATED = "A15"
    REGISTRATIONS_STATED = "A16"
    ORDERS_STATED = "A17"


class Agency(StrEnum):
    """Who answers for a fact, or holds a case; the words are shown through the catalogue."""

    OWNER = "owner"
    DEALER = "dealer"
    MAKER = "maker"
    INDUSTRY = "industry"
    TAX = "tax"
    INSURER = "insurer"
    POLICE = "police"
    LENDER = "lender"
    ENVIRONMENT = "environment"
    TREASURY = "treasury"
    REGISTER = "register"
    PLATE_MAKER = "plate_maker"
    PRINT_ROOM = "print_room"
    COURIER = "courier"
    MESSAGE_GATEWAY = "message_gateway"
    OFFICE = "office"


class Source(NamedTuple):
    """Where facts of a kind come from: the agency answerable and the kind of partner speaking."""

    agency: Agency
    partner_kind: str | None


AGENCIES: Mapping[FactKind, Source] = {
    FactKind.IDENTITY: Source(Agency.POLICE, "police"),
    FactKind.CERTIFICATE: Source(Agency.MAKER, "manufacturer"),
    FactKind.ANNOUNCEMENT: Source(Agency.INDUSTRY, "announcement"),
    FactKind.PRE_INSPECTION: Source(Agency.MAKER, "manufacturer"),
    FactKind.INVOICE: Source(Agency.TAX, "tax"),
    FactKind.PURCHASE_TAX: Source(Agency.TAX, "tax"),
    FactKind.COMPULSORY_INSURANCE: Source(Agency.INSURER, "insurer"),
    # The insurer collects this tax, but the tax office answers for the record (VVT Art. 6).
    FactKind.VESSEL_TAX: Source(Agency.TAX, "tax"),
    FactKind.VEHICLE_STATUS: Source(Agency.POLICE, "police"),
    FactKind.MORTGAGE: Source(Agency.LENDER, "lender"),
    FactKind.EMISSION: Source(Agency.ENVIRONMENT, "ecology"),
    FactKind.DELIVERY: Source(Agency.COURIER, "courier"),
    FactKind.OWNER_READY: Source(Agency.OWNER, None),
    FactKind.FEE: Source(Agency.TREASURY, "payment"),
    FactKind.REVIEW: Source(Agency.OFFICE, None),
    FactKind.REGISTER: Source(Agency.REGISTER, "register"),
    FactKind.PLATES: Source(Agency.PLATE_MAKER, "plate_maker"),
    FactKind.PAPERS: Source(Agency.PRINT_ROOM, "print_room"),
    FactKind.INSPECTION: Source(Agency.OFFICE, None),
    FactKind.CORRECTION: Source(Agency.OWNER, None),
    FactKind.OFFICER: Source(Agency.OFFICE, None),
    FactKind.COSIGNATURE: Source(Agency.LENDER, "lender"),
    FactKind.MESSAGE: Source(Agency.MESSAGE_GATEWAY, "message_gateway"),
    FactKind.SEGMENT: Source(Agency.REGISTER, "register"),
    FactKind.REFUND: Source(Agency.TREASURY, "payment"),
    FactKind.WITHDRAWAL: Source(Agency.OWNER, None),
    FactKind.PAYMENTS_STATED: Source(Agency.TREASURY, "payment"),
    FactKind.REGISTRATIONS_STATED: Source(Agency.REGISTER, "register"),
    FactKind.ORDERS_STATED: Source(Agency.PLATE_MAKER, "plate_maker"),
}


# What decides a case or proves what became of it. What a message gateway says of a text message
# does neither, and what opens a segment of numbers holds a secret until the segment closes.
EVIDENCE = frozenset(
    kind
    for kind, source in AGENCIES.items()
    if source.partner_kind and kind not in {FactKind.MESSAGE, FactKind.SEGMENT}
)


@dataclass(frozen=True)
class Fact:
    """One version of what a partner said; versions are only ever added, never changed.

    `says` holds no personal data. Times are aware; `valid_until` is the source's own limit.
    `algorithm` and `public_key` (base64, empty for a shared key) are of the key `kid` that was
    valid when the message came: with them its signature can be checked for ever.
    """

    subject: str
    kind: FactKind
    version: int
    says: Mapping[str, Said]
    occurred_at: datetime
    received_at: datetime
    partner: str
    message_id: str
    kid: str
    digest: str
    valid_until: datetime | None = None
    reply_to: str | None = None
    algorithm: str = ""
    public_key: str = ""


def shown(fact: Fact) -> dict[str, Said]:
    """What a fact says, without the blind indexes that nobody reads and what it leaves open."""
    return {
        name: said
        for name, said in fact.says.items()
        if said is not None and not name.endswith("_blind")
    }


def newest(facts: Iterable[Fact]) -> Fact | None:
    """The fact that counts: the latest to have happened, whatever the order of arrival.

    Of two that happened at the same time, the later version counts.
    """
    return max(facts, key=lambda fact: (fact.occurred_at, fact.version), default=None)


def has_expired(fact: Fact, now: datetime) -> bool:
    """Whether the source's own limit has passed; the limit itself still counts as valid."""
    return fact.valid_until is not None and now > fact.valid_until


def is_fresh(
    fact: Fact, now: datetime, ttl: timedelta | None, *, asked_at: datetime | None = None
) -> bool:
    """Whether a fact may be used without asking its source again.

    `ttl` is the profile's; None sets no limit, zero means ask every time. A fact received since
    `asked_at` answers that very question and is fresh whatever the ttl, or a ttl of zero would
    ask for ever.
    """
    if has_expired(fact, now):
        return False
    if asked_at is not None and fact.received_at >= asked_at:
        return True
    return ttl is None or now - fact.received_at < ttl


class SubjectKind(StrEnum):
    """What a fact can be about."""

    VIN = "vin"
    PERSON = "person"
    APPLICATION = "application"
    PAYMENT = "payment"
    MESSAGE = "message"
    MODEL = "model"
    SEGMENT = "segment"
    STATEMENT = "statement"


def about_vin(vin: str) -> str:
    """The subject of facts about one vehicle."""
    return f"{SubjectKind.VIN}#{vin}"


def about_person(person_id: str) -> str:
    """The subject of facts about one person, by our own id."""
    return f"{SubjectKind.PERSON}#{person_id}"


def about_application(application_id: str) -> str:
    """The subject of facts about one application."""
    return f"{SubjectKind.APPLICATION}#{application_id}"


def about_payment(payment_id: str) -> str:
    """The subject of facts about one payment."""
    return f"{SubjectKind.PAYMENT}#{payment_id}"


def about_message(message_id: str) -> str:
    """The subject of facts about one message sent to a citizen."""
    return f"{SubjectKind.MESSAGE}#{message_id}"


def about_model(model: str) -> str:
    """The subject of facts about one product model."""
    return f"{SubjectKind.MODEL}#{model}"


def about_segment(segment_id: str) -> str:
    """The subject of facts about one segment of numbers."""
    return f"{SubjectKind.SEGMENT}#{segment_id}"


def about_statement(day: str, page: int) -> str:
    """The subject of one page of a partner's statement of a day (ISO)."""
    return f"{SubjectKind.STATEMENT}#{day}.{page}"


def parse_subject(subject: str) -> tuple[SubjectKind, str]:
    """Split a subject into its kind and identifier.

    Raises ValueError when the kind is unknown or the identifier empty.
    """
    kind, sign, identifier = subject.partition("#")
    if not sign or not identifier:
        raise ValueError(f"not a subject: {subject!r}")
    return SubjectKind(kind), identifier
