"""The case a fact is judged against: what the application itself knows when a judge looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from chepai.domain.facts import Fact


@dataclass(frozen=True)
class Case:
    """One application as the judges see it, without personal data.

    `id_blind` and `name_blind` are our own blind indexes of the person, where known.
    `identity` and `certificate` are the facts others are compared with; `inspection` is the
    on-site inspection that stands in for a missing pre-inspection record. `entries` are the
    owner's own statements, by field. `overruled` are the reason codes that an officer or a
    reviewer has set aside on evidence.
    """

    application_id: str
    service: str
    vin: str
    person_id: str
    id_blind: str | None = None
    name_blind: str | None = None
    identity: Fact | None = None
    certificate: Fact | None = None
    inspection: Fact | None = None
    cosignature: Fact | None = None
    use_character: str = "A"
    entries: Mapping[str, str] = field(default_factory=dict)
    accepted_on: date | None = None
    agent: bool = False
    overruled: frozenset[str] = frozenset()
