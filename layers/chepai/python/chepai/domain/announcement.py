"""Whether the model is in the product announcement and the car agrees with it (F04)."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from chepai.domain.case import Case
from chepai.domain.certificate import parameters
from chepai.domain.facts import Agency, Fact, FactKind
from chepai.domain.findings import (
    Finding,
    Outcome,
    UnreadableFactError,
    by_code,
    judged,
    refusing_ground,
    text,
    usual,
    waiting_ground,
    word,
)
from chepai.domain.profile import CityProfile

KIND = FactKind.ANNOUNCEMENT

NOT_LISTED = refusing_ground(KIND, "NOT-FOUND", "R164-15-4", "model", who_acts=Agency.MAKER)
USUAL = usual(KIND, "R164-15-4", not_found=NOT_LISTED)
REVOKED = refusing_ground(KIND, "REVOKED", "R164-15-4", "status", who_acts=Agency.MAKER)
OTHER_MODEL = refusing_ground(KIND, "MODEL", "R164-15-5", "model", who_acts=Agency.MAKER)
# The announcement is what was judged; the maker has to bring certificate or announcement right.
PARAMETER = refusing_ground(KIND, "PARAMETER", "R164-15-5", "params", who_acts=Agency.MAKER)
NO_CERTIFICATE = waiting_ground(
    KIND, "NO-CERTIFICATE", "R164-15-5", Outcome.MISSING, who_acts=Agency.MAKER
)
GROUNDS = by_code(USUAL, (REVOKED, OTHER_MODEL, PARAMETER, NO_CERTIFICATE))


@judged(USUAL, GROUNDS)
def judge(fact: Fact, case: Case, _now: datetime, _profile: CityProfile) -> Iterator[Finding]:
    announced = parameters(fact)
    if word(fact, "status", "LISTED", "REVOKED") == "REVOKED":
        yield REVOKED.found(fact, seen=fact.says["status"])
    model = text(fact, "model")
    try:
        certified, certified_model = _certified(case)
    except UnreadableFactError:
        yield NO_CERTIFICATE.found(fact)
        return
    if model != certified_model:
        yield OTHER_MODEL.found(fact, seen=model)
    for name, value in announced.items():
        if certified[name] != value:
            yield PARAMETER.found(fact, field=f"params.{name}", seen=f"{certified[name]}/{value}")


def _certified(case: Case) -> tuple[Mapping[str, int], str]:
    if case.certificate is None:
        raise UnreadableFactError("certificate")
    return parameters(case.certificate), text(case.certificate, "model")
