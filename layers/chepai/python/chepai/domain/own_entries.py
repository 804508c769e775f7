"""Whether what the owner stated fits the service; the owner alone can mend it (A08)."""

from collections.abc import Iterator

from chepai.domain import gate
from chepai.domain.case import Case
from chepai.domain.facts import FactKind
from chepai.domain.findings import (
    Finding,
    Limit,
    Remedy,
    by_code,
    fault_ground,
    refusing_ground,
)
from chepai.domain.services import CERTIFICATE_REISSUE, NEW_CAR

KIND = FactKind.CORRECTION
REISSUE_REASONS = ("LOST", "DESTROYED", "DAMAGED")

# Art. 86 lets others act only on death, absence abroad, illness or force majeure, with proof
# that a counter has to see.
AGENT = refusing_ground(
    KIND,
    "AGENT",
    "R164-86",
    "filed_by",
    remedy=Remedy.APPLY_AT_COUNTER,
    overrulable=False,
)
NO_REASON = fault_ground(
    KIND,
    "REASON",
    "R164-52",
    "reason",
    remedy=Remedy.CORRECT_ENTRY,
    limit=Limit.CORRECTION,
    overrulable=False,
)
GROUNDS = by_code((AGENT, NO_REASON, gate.OPERATING_USE, gate.NO_QUOTA, gate.BANNED))


def judge(case: Case) -> tuple[Finding, ...]:
    """What is wrong with the owner's own entries; empty when nothing is."""
    return tuple(_examine(case))


def _examine(case: Case) -> Iterator[Finding]:
    if case.service == NEW_CAR and case.use_character != gate.NON_OPERATING:
        yield gate.OPERATING_USE.found(seen=case.use_character)
    if case.service == CERTIFICATE_REISSUE:
        if case.agent:
            yield AGENT.found()
        if case.entries.get("reason") not in REISSUE_REASONS:
            yield NO_REASON.found(seen=case.entries.get("reason"))
