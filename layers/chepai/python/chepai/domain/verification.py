"""All judges in one table, and the weighing of what they found into one word for the case."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from chepai.domain import (
    announcement,
    certificate,
    compulsory_insurance,
    emission,
    gate,
    identity,
    inspection,
    invoice,
    mishaps,
    mortgage,
    ordinary,
    own_entries,
    pre_inspection,
    purchase_tax,
    suspicion,
    vehicle_status,
    vessel_tax,
)
from chepai.domain.case import Case
from chepai.domain.facts import Fact, FactKind, is_fresh
from chepai.domain.findings import (
    GRAVITY,
    Consequence,
    Finding,
    Ground,
    Judge,
    Outcome,
    Usual,
)
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.reasons import ReasonCard, cards
from chepai.domain.services import NEW_CAR, SERVICES

JUDGES: Mapping[FactKind, Judge] = {
    FactKind.IDENTITY: identity.judge,
    FactKind.CERTIFICATE: certificate.judge,
    FactKind.ANNOUNCEMENT: announcement.judge,
    FactKind.PRE_INSPECTION: pre_inspection.judge,
    FactKind.INVOICE: invoice.judge,
    FactKind.PURCHASE_TAX: purchase_tax.judge,
    FactKind.COMPULSORY_INSURANCE: compulsory_insurance.judge,
    FactKind.VESSEL_TAX: vessel_tax.judge,
    FactKind.VEHICLE_STATUS: vehicle_status.judge,
    FactKind.MORTGAGE: mortgage.judge,
    FactKind.EMISSION: emission.judge,
    FactKind.INSPECTION: inspection.judge,
}
USUALS: Mapping[FactKind, Usual] = {
    FactKind.IDENTITY: identity.USUAL,
    FactKind.CERTIFICATE: certificate.USUAL,
    FactKind.ANNOUNCEMENT: announcement.USUAL,
    FactKind.PRE_INSPECTION: pre_inspection.USUAL,
    FactKind.INVOICE: invoice.USUAL,
    FactKind.PURCHASE_TAX: purchase_tax.USUAL,
    FactKind.COMPULSORY_INSURANCE: compulsory_insurance.USUAL,
    FactKind.VESSEL_TAX: vessel_tax.USUAL,
    FactKind.VEHICLE_STATUS: vehicle_status.USUAL,
    FactKind.MORTGAGE: mortgage.USUAL,
    FactKind.EMISSION: emission.USUAL,
    FactKind.INSPECTION: inspection.USUAL,
}
# Judges share the gate's grounds, so the same code may come from two tables, but is one ground.
GROUNDS: Mapping[str, Ground] = {
    code: ground
    for module in (
        gate,
        identity,
        certificate,
        announcement,
        pre_inspection,
        invoice,
        purchase_tax,
        compulsory_insurance,
        vessel_tax,
        vehicle_status,
        mortgage,
        emission,
        inspection,
        own_entries,
        suspicion,
        mishaps,
        ordinary,
    )
    for code, ground in module.GROUNDS.items()
}

REQUIRED: Mapping[str, tuple[FactKind, ...]] = {
    name: each.required for name, each in SERVICES.items()
}
RECHECKED_AT_REGISTRATION = SERVICES[NEW_CAR].rechecked


class Weighing(NamedTuple):
    """The word for the case, every conclusion it rests on, and a card for each that holds it up."""

    outcome: Consequence
    findings: tuple[Finding, ...]
    reasons: tuple[ReasonCard, ...]


def required(case: Case, profile: CityProfile) -> tuple[FactKind, ...]:
    """The facts without which this service never goes on."""
    asked = REQUIRED[case.service]
    if case.service == NEW_CAR and profile.newcar.emission_check:
        return (*asked, FactKind.EMISSION)
    return asked


def silent(kind: FactKind) -> Finding:
    """The finding when the time to wait for a source is over and it has said nothing."""
    return USUALS[kind].silent.found()


def judge_at_last(
    kind: FactKind,
    fact: Fact | None,
    case: Case,
    *,
    now: datetime,
    profile: CityProfile,
    asked_at: datetime | None = None,
) -> Finding:
    """The finding when a case is weighed: its waits are over, so silence is told as silence.

    A fact too old to be used again (and no answer to a question since `asked_at`) is stale.
    """
    finding = JUDGES[kind](fact, case, now=now, profile=profile)
    if fact is None:
        return silent(kind) if finding.code == USUALS[kind].missing.code else finding
    fresh = is_fresh(fact, now, profile.ttl(kind), asked_at=asked_at)
    return finding if fresh else USUALS[kind].stale.found(fact)


def consequence_of(
    finding: Finding, case: Case, *, now: datetime, profile: CityProfile
) -> Consequence:
    """What one conclusion means for the case, after what people have seen and decided.

    An officer or reviewer may set aside a ground that is theirs to set aside; an inspection
    that the car passed settles what the car itself could show.
    """
    ground = GROUNDS[finding.code]
    if ground.overrulable and finding.code in case.overruled:
        return Consequence.VERIFIED
    if ground.cured_on_site and inspection.has_passed(case, now=now, profile=profile):
        return Consequence.VERIFIED
    if ground.consequence is Consequence.VERIFIED and finding.outcome is not Outcome.MATCHED:
        return Consequence.AWAITING_SOURCE
    return ground.consequence


def lets_go_on(finding: Finding, case: Case, *, now: datetime, profile: CityProfile) -> bool:
    """Whether neither this conclusion nor any beside it holds the case up."""
    return all(
        consequence_of(each, case, now=now, profile=profile) is Consequence.VERIFIED
        for each in finding.each()
    )


def weigh(
    findings: Iterable[Finding],
    case: Case,
    profile: CityProfile,
    now: datetime,
    *,
    kinds: Sequence[FactKind] | None = None,
) -> Weighing:
    """The gravest consequence of all that was found; everything wrong is told at once.

    `kinds` are the facts that must be there (the service's own when not given): one that
    nobody judged counts as missing, so that nothing is ever verified by being forgotten.
    """
    found = [each for finding in findings for each in finding.each()]
    present = {each.kind for each in found}
    asked = required(case, profile) if kinds is None else tuple(kinds)
    found += [USUALS[kind].missing.found() for kind in asked if kind not in present]
    found += own_entries.judge(case)
    if case.inspection is not None and FactKind.INSPECTION not in present:
        found += inspection.judge(case.inspection, case, now=now, profile=profile).each()
    meant = [(consequence_of(each, case, now=now, profile=profile), each) for each in found]
    holding = [each for word, each in meant if word is not Consequence.VERIFIED]
    outcome = max(
        (word for word, _ in meant), key=GRAVITY.__getitem__, default=Consequence.VERIFIED
    )
    reasons = cards(holding, GROUNDS, today=city_day(now), profile=profile)
    return Weighing(outcome, tuple(found), reasons)
