"""Data-sharing agreements (数据共享协议): which question may be put, for what, and until when.

Every question to an agency rests on one: without it, after its end, or with a field that it does
not name, nothing is asked, and the case waits with that reason.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

MISSING = "AgreementMissing"
EXPIRED = "AgreementExpired"
EXCEEDED = "AgreementExceeded"
ALL = "all"


@dataclass(frozen=True)
class Agreement:
    """What was agreed about one type of question.

    `partners` are the kinds that may be asked, "all" for every kind; `sends` are the fields that
    we tell, `receives` those that we get back; `owner` answers for it at the office, `until` is
    its last day.
    """

    question: str
    partners: frozenset[str]
    purpose: str
    sends: frozenset[str]
    receives: frozenset[str]
    owner: str
    until: date

    @classmethod
    def of(cls, question: str, words: Mapping[str, Any]) -> Self:
        return cls(
            question=question,
            partners=frozenset(words["partners"]),
            purpose=str(words["purpose"]),
            sends=frozenset(words["sends"]),
            receives=frozenset(words["receives"]),
            owner=str(words["owner"]),
            until=date.fromisoformat(str(words["until"])),
        )


def why_not(
    agreement: Agreement | None, *, partner: str, fields: AbstractSet[str], today: date
) -> str | None:
    """Why a kind of partner may not be told these fields today; None when it may."""
    if agreement is None or not agreement.partners & {partner, ALL}:
        return MISSING
    if today > agreement.until:
        return EXPIRED
    return None if fields <= agreement.sends else EXCEEDED
