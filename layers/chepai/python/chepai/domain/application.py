"""An application (申请): one person's request for one service in one city."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self


@dataclass(frozen=True)
class Application:
    """The case file. Persons appear by identifier only; times are ISO 8601 UTC, money is in fen."""

    application_id: str
    service: str
    city: str
    profile_version: str
    person_id: str
    status: str
    submitted_at: str
    vin: str = ""
    version: int = 0
    run: int = 1
    chain_head: str = ""
    filed_by: str = ""
    channel: str = "phone"
    notice_by: str = ""
    since: str = ""
    queue_shard: str = ""
    due_at: str = ""
    legal_end: str = ""
    accepted_at: str = ""
    ending: str = ""
    entries: Mapping[str, Any] = field(default_factory=dict)
    signed: Mapping[str, Any] = field(default_factory=dict)
    findings: Mapping[str, Any] = field(default_factory=dict)
    reasons: list[Mapping[str, str]] = field(default_factory=list)
    weighed: Mapping[str, Any] = field(default_factory=dict)
    disputes: Mapping[str, Any] = field(default_factory=dict)
    plate_kind: str = ""
    energy: str = ""
    number: str = ""
    number_held_until: str = ""
    choices: int = 0
    offers: int = 0
    batches_back: int = 0
    payment_id: str = ""
    fee_fen: int = 0
    fee_state: str = ""
    flagged: str = ""
    review: Mapping[str, Any] = field(default_factory=dict)
    appointment: Mapping[str, Any] = field(default_factory=dict)
    address_kept_at: str = ""
    certificate_no: str = ""
    temporary_plates: list[Mapping[str, Any]] = field(default_factory=list)
    orders: int = 0
    counter_code: str = ""
    rating: int = 0
    escalation: int = 0
    stuck_because: str = ""
    clock: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return f"application#{self.application_id}"

    @property
    def order_no(self) -> str:
        """The order of plates and papers now at work; made again, it is the next one."""
        return f"{self.application_id}-{self.orders}"

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in row.items() if name in known})

    def row(self) -> dict[str, Any]:
        return asdict(self)
