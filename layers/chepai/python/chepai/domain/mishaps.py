"""What can go wrong on the way that no judge finds: waits that run out, orders that fail.

Each has a reason card like a judge's ground, so that no branch of a machine ends without one.
"""

from chepai.domain.facts import Agency, FactKind
from chepai.domain.findings import (
    Limit,
    Outcome,
    Remedy,
    by_code,
    refusing_ground,
    waiting_ground,
)

OWNER_LATE = refusing_ground(
    FactKind.OWNER_READY, "EXPIRED", "CITY-WAITS", "signature", remedy=Remedy.APPLY_AGAIN
)
HOLD_LAPSED = waiting_ground(
    FactKind.OWNER_READY,
    "HOLD-LAPSED",
    "R164-43",
    Outcome.MISMATCHED,
    remedy=Remedy.CHOOSE_AGAIN,
    field="number",
)
NO_NUMBERS = waiting_ground(
    FactKind.SEGMENT, "NO-NUMBERS", "R164-43", Outcome.MISSING, field="number"
)
FEE_DECLINED = waiting_ground(
    FactKind.FEE,
    "DECLINED",
    "CITY-FEES",
    Outcome.MISMATCHED,
    remedy=Remedy.PAY_FEE,
    who_acts=Agency.OWNER,
    field="status",
)
FEE_UNPAID = refusing_ground(
    FactKind.FEE, "EXPIRED", "CITY-FEES", "status", remedy=Remedy.APPLY_AGAIN
)
FEE_UNKNOWN = waiting_ground(
    FactKind.FEE, "UNKNOWN", "CITY-FEES", Outcome.UNAVAILABLE, field="status"
)
REFUND_PENDING = waiting_ground(
    FactKind.REFUND, "PENDING", "CITY-FEES", Outcome.MISSING, field="status"
)
CORRECTION_LATE = refusing_ground(
    FactKind.CORRECTION, "EXPIRED", "R164-3", "application", remedy=Remedy.APPLY_AGAIN
)
SOURCE_LATE = refusing_ground(
    FactKind.CORRECTION,
    "SOURCE-EXPIRED",
    "CITY-WAITS",
    "application",
    agency=Agency.OFFICE,
    remedy=Remedy.APPLY_AT_COUNTER,
)
INSPECTION_LATE = refusing_ground(
    FactKind.INSPECTION, "EXPIRED", "CITY-WAITS", "application", remedy=Remedy.APPLY_AGAIN
)
OFFICER_CONFIRMED = refusing_ground(
    FactKind.OFFICER,
    "CONFIRMED",
    "R164-74",
    "application",
    remedy=Remedy.APPLY_AT_COUNTER,
    overrulable=False,
)
REVIEW_REFUSED = refusing_ground(
    FactKind.REVIEW, "REFUSED", "R164-12", "application", remedy=Remedy.APPLY_AGAIN
)
REVIEW_WAITING = waiting_ground(
    FactKind.REVIEW, "WAITING", "R164-12", Outcome.MISSING, limit=Limit.OFFICER
)
COSIGNATURE_REFUSED = refusing_ground(
    FactKind.COSIGNATURE,
    "REFUSED",
    "R164-32",
    "result",
    who_acts=Agency.LENDER,
    remedy=Remedy.ASK_LENDER,
    overrulable=False,
)
COSIGNATURE_LATE = refusing_ground(
    FactKind.COSIGNATURE,
    "EXPIRED",
    "R164-32",
    "result",
    who_acts=Agency.LENDER,
    remedy=Remedy.ASK_LENDER,
)
REGISTER_REFUSED = refusing_ground(
    FactKind.REGISTER, "REFUSED", "R164-5", "result", remedy=Remedy.APPLY_AT_COUNTER
)
REGISTER_UNKNOWN = waiting_ground(
    FactKind.REGISTER, "UNKNOWN", "R164-5", Outcome.UNAVAILABLE, field="result"
)
PLATES_FAILED = waiting_ground(
    FactKind.PLATES, "FAILED", "R164-71", Outcome.MISMATCHED, field="result"
)
PAPERS_FAILED = waiting_ground(
    FactKind.PAPERS, "FAILED", "R164-12", Outcome.MISMATCHED, field="result"
)
ATTEMPT_FAILED = waiting_ground(
    FactKind.DELIVERY,
    "FAILED-ATTEMPT",
    "CITY-COURIER",
    Outcome.MISMATCHED,
    remedy=Remedy.RECEIVE_PARCEL,
    who_acts=Agency.OWNER,
    field="state",
)
PARCEL_LOST = waiting_ground(
    FactKind.DELIVERY, "LOST", "CITY-COURIER", Outcome.MISMATCHED, field="state"
)
PARCEL_RETURNED = waiting_ground(
    FactKind.DELIVERY,
    "RETURNED",
    "CITY-COURIER",
    Outcome.MISMATCHED,
    remedy=Remedy.PICK_UP,
    who_acts=Agency.OWNER,
    field="state",
)
STUCK = waiting_ground(
    FactKind.OFFICER, "STUCK", "CITY-WAITS", Outcome.UNAVAILABLE, limit=Limit.OFFICER
)
SEALING_STOPPED = waiting_ground(
    FactKind.OFFICER, "SEALING", "CITY-WAITS", Outcome.UNAVAILABLE, limit=Limit.OFFICER
)

GROUNDS = by_code(
    (OWNER_LATE, HOLD_LAPSED, NO_NUMBERS, FEE_DECLINED, FEE_UNPAID, FEE_UNKNOWN, REFUND_PENDING),
    (CORRECTION_LATE, SOURCE_LATE, INSPECTION_LATE, OFFICER_CONFIRMED, STUCK, SEALING_STOPPED),
    (REVIEW_REFUSED, REVIEW_WAITING, COSIGNATURE_REFUSED, COSIGNATURE_LATE),
    (REGISTER_REFUSED, REGISTER_UNKNOWN, PLATES_FAILED, PAPERS_FAILED),
    (ATTEMPT_FAILED, PARCEL_LOST, PARCEL_RETURNED),
)
