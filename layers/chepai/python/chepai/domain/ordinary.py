"""The ordinary course: a ground for every status in which nothing is wrong and nobody is accused.

With these each status of a case can be told as a card, with the same parts as a reason: what it
waits for, by which rule, who acts, until when, and what the person can do who disagrees.
"""

from collections.abc import Mapping

from chepai.domain import mishaps, suspicion
from chepai.domain.facts import Agency, FactKind
from chepai.domain.findings import Appeal, Ground, Limit, Remedy, by_code, matched_ground
from chepai.domain.life_cycle import Status


def _turn(
    kind: FactKind,
    name: str,
    rule: str,
    *,
    who_acts: Agency | None = None,
    remedy: Remedy = Remedy.WAIT,
    field: str = "application",
    limit: Limit = Limit.SOURCE,
    appeal: Appeal = Appeal.DISPUTE,
) -> Ground:
    plain = matched_ground(kind, name, rule, field)
    return plain._replace(
        who_acts=who_acts or plain.agency, remedy=remedy, limit=limit, appeal=appeal
    )


_K, _OWNER = FactKind, Agency.OWNER

SUBMITTED = _turn(_K.REVIEW, "SUBMITTED", "R164-12")
VERIFYING = _turn(_K.REVIEW, "VERIFYING", "R164-12")
TO_CORRECT = _turn(
    _K.CORRECTION, "WAITING", "R164-3", remedy=Remedy.CORRECT_ENTRY, limit=Limit.CORRECTION
)
SOURCE = _turn(_K.REVIEW, "SOURCE", "CITY-WAITS")
TO_INSPECT = _turn(
    _K.INSPECTION,
    "WAITING",
    "R164-73",
    who_acts=_OWNER,
    remedy=Remedy.BRING_CAR,
    limit=Limit.INSPECTION,
)
TO_SIGN = _turn(_K.OWNER_READY, "WAITING", "CITY-WAITS", remedy=Remedy.SIGN, field="signature")
TO_PAY = _turn(
    _K.FEE,
    "WAITING",
    "CITY-FEES",
    who_acts=_OWNER,
    remedy=Remedy.PAY_FEE,
    field="status",
)
ACCEPTED = _turn(_K.REVIEW, "ACCEPTED", "R164-12", limit=Limit.OFFICER)
APPROVED = _turn(_K.REVIEW, "APPROVED", "R164-12", limit=Limit.OFFICER)
REGISTERING = _turn(_K.REGISTER, "WAITING", "R164-5", field="result")
REGISTERED = _turn(_K.REGISTER, "REGISTERED", "R164-5", who_acts=Agency.OFFICE, field="result")
MAKING = _turn(_K.PLATES, "WAITING", "R164-71", field="result")
PRINTING = _turn(_K.PAPERS, "WAITING", "R164-12", field="result")
ON_THE_WAY = _turn(
    _K.DELIVERY, "ON-THE-WAY", "CITY-COURIER", remedy=Remedy.RECEIVE_PARCEL, field="state"
)
KEPT = _turn(
    _K.DELIVERY, "KEPT", "CITY-COURIER", who_acts=_OWNER, remedy=Remedy.PICK_UP, field="state"
)
CLOSED = _turn(
    _K.DELIVERY,
    "DELIVERED",
    "CITY-COURIER",
    who_acts=Agency.OFFICE,
    remedy=Remedy.NOTHING,
    field="state",
    limit=Limit.APPEAL,
    appeal=Appeal.RECONSIDERATION,
)
WITHDRAWN = _turn(
    _K.WITHDRAWAL,
    "WITHDRAWN",
    "CITY-WAITS",
    remedy=Remedy.APPLY_AGAIN,
    limit=Limit.APPEAL,
    appeal=Appeal.RECONSIDERATION,
)

GROUNDS = by_code(
    (SUBMITTED, VERIFYING, TO_CORRECT, SOURCE, TO_INSPECT, TO_SIGN, TO_PAY, ACCEPTED, APPROVED),
    (REGISTERING, REGISTERED, MAKING, PRINTING, ON_THE_WAY, KEPT, CLOSED, WITHDRAWN),
)

# What a status means when no judgement says more; the reasons that a case keeps come before.
OF_STATUS: Mapping[Status, Ground] = {
    Status.SUBMITTED: SUBMITTED,
    Status.VERIFYING: VERIFYING,
    Status.NEEDS_CORRECTION: TO_CORRECT,
    Status.AWAITING_SOURCE: SOURCE,
    Status.ON_SITE_REQUIRED: TO_INSPECT,
    # What an officer looks into is told by the one public ground, which names no suspicion.
    Status.CONVERTED_ON_SITE: suspicion.ON_SITE,
    Status.NOT_ACCEPTED: mishaps.REVIEW_REFUSED,
    Status.AWAITING_OWNER: TO_SIGN,
    Status.AWAITING_FEE: TO_PAY,
    Status.ACCEPTED: ACCEPTED,
    Status.REVIEWING: mishaps.REVIEW_WAITING,
    Status.APPROVED: APPROVED,
    Status.REGISTERING: REGISTERING,
    Status.REGISTERED: REGISTERED,
    Status.IN_PRODUCTION: MAKING,
    Status.DISPATCHED: ON_THE_WAY,
    Status.KEPT_FOR_PICK_UP: KEPT,
    Status.CLOSED: CLOSED,
    Status.WITHDRAWN: WITHDRAWN,
    Status.REJECTED: mishaps.REVIEW_REFUSED,
    Status.EXPIRED: mishaps.CORRECTION_LATE,
}
