"""The life of an application: which status may follow which, who may act, who holds it now."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from chepai.domain.facts import Agency
from chepai.domain.refusals import BeingRegistered, NotWaitingForThis, Refusal, TooLate


class Status(StrEnum):
    """Where an application stands; the words are stored and shown through the catalogue."""

    SUBMITTED = "submitted"
    VERIFYING = "verifying"
    NEEDS_CORRECTION = "needs_correction"
    AWAITING_SOURCE = "awaiting_source"
    ON_SITE_REQUIRED = "on_site_required"
    CONVERTED_ON_SITE = "converted_on_site"
    NOT_ACCEPTED = "not_accepted"
    AWAITING_OWNER = "awaiting_owner"
    AWAITING_FEE = "awaiting_fee"
    ACCEPTED = "accepted"
    REVIEWING = "reviewing"
    APPROVED = "approved"
    REGISTERING = "registering"
    REGISTERED = "registered"
    IN_PRODUCTION = "in_production"
    DISPATCHED = "dispatched"
    KEPT_FOR_PICK_UP = "kept_for_pick_up"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Act(StrEnum):
    """What a citizen or a member of staff may do to an application."""

    WITHDRAW = "withdraw"
    CORRECT = "correct"
    DISPUTE = "dispute"
    CHECK_AGAIN = "check_again"
    CHANGE_DELIVERY = "change_delivery"
    SIGN = "sign"
    CHOOSE_NUMBER = "choose_number"
    PAY = "pay"
    BOOK_INSPECTION = "book_inspection"
    CONTINUE_AT_COUNTER = "continue_at_counter"
    ASK_REVIEW = "ask_review"
    TAKE_TEMPORARY_PLATE = "take_temporary_plate"
    REPORT_PARCEL = "report_parcel"
    RATE = "rate"
    RECORD_INSPECTION = "record_inspection"
    DECIDE_SUSPICION = "decide_suspicion"
    REVIEW = "review"
    HAND_OVER = "hand_over"


class Phase(StrEnum):
    """The three stretches of a life: registration is the pivot between the first two."""

    BEFORE_REGISTRATION = "before_registration"
    AFTER_REGISTRATION = "after_registration"
    ENDED = "ended"


class Stage(NamedTuple):
    """One row of the table: what may follow a status, who may act, and who holds the case."""

    phase: Phase
    following: frozenset[Status]
    acts: frozenset[Act]
    holder: str | None


SYSTEM = "system"
OWNER = "owner"
REVIEWER = "reviewer"
OFFICER = "officer"
INSPECTOR = "inspector"
CLERK = "clerk"
OPERATOR = "operator"
REGISTER = "register"
PLATE_MAKER = "plate_maker"
COURIER = "courier"
HOLDERS = (
    SYSTEM,
    OWNER,
    REVIEWER,
    OFFICER,
    INSPECTOR,
    CLERK,
    OPERATOR,
    REGISTER,
    PLATE_MAKER,
    COURIER,
    *(f"agency:{agency}" for agency in Agency if agency is not Agency.OWNER),
)
"""Every queue an open case can be in."""

_CAN_AWAIT_AN_AGENCY = frozenset(
    {
        Status.VERIFYING,
        Status.NEEDS_CORRECTION,
        Status.AWAITING_SOURCE,
        Status.IN_PRODUCTION,
    }
)

_S, _A = Status, Act
_UNDOABLE = {_S.WITHDRAWN, _S.EXPIRED}
_OPEN = {_A.WITHDRAW, _A.DISPUTE, _A.CHANGE_DELIVERY, _A.CONTINUE_AT_COUNTER}
_WEIGHED = {
    _S.NEEDS_CORRECTION,
    _S.AWAITING_SOURCE,
    _S.ON_SITE_REQUIRED,
    _S.CONVERTED_ON_SITE,
}
# A signature, number or fee kept from before lets a case that is weighed again skip those waits.
_WEIGHED_AGAIN = _WEIGHED | {_S.AWAITING_OWNER, _S.AWAITING_FEE, _S.ACCEPTED, _S.APPROVED}


def _before(following: set[Status], acts: set[Act], holder: str) -> Stage:
    return Stage(
        Phase.BEFORE_REGISTRATION,
        frozenset(following | _UNDOABLE),
        frozenset(acts | _OPEN),
        holder,
    )


def _after(following: set[Status], acts: set[Act], holder: str) -> Stage:
    # Until delivery the owner may still say where the parcel goes and drive on a temporary plate.
    acts = acts | {_A.CHANGE_DELIVERY, _A.TAKE_TEMPORARY_PLATE, _A.CONTINUE_AT_COUNTER}
    return Stage(Phase.AFTER_REGISTRATION, frozenset(following), frozenset(acts), holder)


def _end(acts: set[Act], following: set[Status] | None = None) -> Stage:
    return Stage(Phase.ENDED, frozenset(following or set()), frozenset(acts), None)


STAGES: Mapping[Status, Stage] = {
    _S.SUBMITTED: _before({_S.VERIFYING, _S.NOT_ACCEPTED}, {_A.CORRECT}, SYSTEM),
    _S.VERIFYING: _before(
        # A signature, number or fee kept from an earlier run lets the next one skip those waits.
        _WEIGHED | {_S.NOT_ACCEPTED, _S.AWAITING_OWNER, _S.AWAITING_FEE, _S.ACCEPTED},
        {_A.CORRECT, _A.CHECK_AGAIN},
        SYSTEM,
    ),
    _S.NEEDS_CORRECTION: _before(
        _WEIGHED_AGAIN
        | {
            _S.VERIFYING,
            _S.REVIEWING,
            _S.REGISTERING,
            _S.ON_SITE_REQUIRED,
            _S.NOT_ACCEPTED,
            _S.REJECTED,
        },
        {_A.CORRECT, _A.CHECK_AGAIN, _A.ASK_REVIEW},
        OWNER,
    ),
    _S.AWAITING_SOURCE: _before(
        _WEIGHED_AGAIN
        | {_S.VERIFYING, _S.REGISTERING, _S.ON_SITE_REQUIRED, _S.NOT_ACCEPTED, _S.REJECTED},
        {_A.CHECK_AGAIN, _A.CORRECT},
        OWNER,
    ),
    _S.ON_SITE_REQUIRED: _before(
        _WEIGHED_AGAIN
        | {
            _S.VERIFYING,
            _S.AWAITING_OWNER,
            _S.REGISTERING,
            _S.CONVERTED_ON_SITE,
            _S.NOT_ACCEPTED,
            _S.REJECTED,
        },
        {_A.BOOK_INSPECTION, _A.RECORD_INSPECTION, _A.TAKE_TEMPORARY_PLATE, _A.CHECK_AGAIN},
        OWNER,
    ),
    _S.CONVERTED_ON_SITE: _before(
        _WEIGHED_AGAIN
        | {
            _S.VERIFYING,
            _S.AWAITING_OWNER,
            _S.REVIEWING,
            _S.REGISTERING,
            _S.ON_SITE_REQUIRED,
            _S.NOT_ACCEPTED,
            _S.REJECTED,
        },
        {_A.DECIDE_SUSPICION, _A.BOOK_INSPECTION, _A.RECORD_INSPECTION},
        OFFICER,
    ),
    _S.AWAITING_OWNER: _before(
        _WEIGHED | {_S.AWAITING_FEE, _S.ACCEPTED, _S.VERIFYING, _S.NOT_ACCEPTED},
        {_A.SIGN, _A.CHOOSE_NUMBER, _A.CORRECT},
        OWNER,
    ),
    _S.AWAITING_FEE: _before(
        # A hold that lapses before the fee is paid sends the owner back to choose again.
        _WEIGHED | {_S.ACCEPTED, _S.AWAITING_OWNER, _S.NOT_ACCEPTED},
        {_A.PAY, _A.CHOOSE_NUMBER},
        OWNER,
    ),
    _S.ACCEPTED: _before({_S.REVIEWING, _S.APPROVED, _S.REJECTED}, set(), SYSTEM),
    _S.REVIEWING: _before(
        # An owner may ask for a review while the machine still waits for a correction: a fact
        # that is corrected meanwhile moves the case on without it.
        _WEIGHED_AGAIN | {_S.VERIFYING, _S.NOT_ACCEPTED, _S.REJECTED},
        {_A.REVIEW},
        REVIEWER,
    ),
    _S.APPROVED: _before(_WEIGHED | {_S.REGISTERING, _S.REJECTED}, set(), SYSTEM),
    # Once the register is asked, its answer decides; only then can the owner still withdraw.
    _S.REGISTERING: Stage(
        Phase.BEFORE_REGISTRATION,
        frozenset(_WEIGHED | {_S.REGISTERED, _S.REJECTED, _S.AWAITING_OWNER} | _UNDOABLE),
        frozenset({_A.DISPUTE, _A.CHANGE_DELIVERY, _A.CONTINUE_AT_COUNTER}),
        REGISTER,
    ),
    _S.REGISTERED: _after({_S.IN_PRODUCTION}, set(), SYSTEM),
    _S.IN_PRODUCTION: _after({_S.DISPATCHED, _S.KEPT_FOR_PICK_UP}, set(), PLATE_MAKER),
    _S.DISPATCHED: _after(
        {_S.CLOSED, _S.KEPT_FOR_PICK_UP, _S.IN_PRODUCTION},
        {_A.REPORT_PARCEL},
        COURIER,
    ),
    _S.KEPT_FOR_PICK_UP: _after(
        {_S.CLOSED, _S.DISPATCHED, _S.IN_PRODUCTION},
        {_A.HAND_OVER, _A.REPORT_PARCEL},
        CLERK,
    ),
    _S.CLOSED: _end({_A.RATE}),
    _S.WITHDRAWN: _end({_A.RATE}),
    # A refusal can be looked at again by a person; a reversal opens the case once more.
    _S.NOT_ACCEPTED: _end({_A.ASK_REVIEW, _A.DISPUTE, _A.RATE}, {_S.REVIEWING}),
    _S.REJECTED: _end({_A.ASK_REVIEW, _A.DISPUTE, _A.RATE}, {_S.REVIEWING}),
    _S.EXPIRED: _end({_A.RATE}),
}


def is_open(status: Status) -> bool:
    """Whether the office still owes this application something."""
    return STAGES[status].phase is not Phase.ENDED


def before_registration(status: Status) -> bool:
    """Whether what was done can still be undone."""
    return STAGES[status].phase is Phase.BEFORE_REGISTRATION


def may_become(status: Status, following: Status) -> bool:
    """Whether one status may follow another; a status may always be written again."""
    return following == status or following in STAGES[status].following


def may(status: Status, act: Act) -> bool:
    """Whether the act is possible now."""
    return act in STAGES[status].acts


def refusal_of(status: Status, act: Act) -> Refusal | None:
    """The refusal an act meets now, with what is possible instead; None when it may be done."""
    if may(status, act):
        return None
    possible = " ".join(sorted(STAGES[status].acts))
    if act is Act.WITHDRAW and status is Status.REGISTERING:
        return BeingRegistered(status=status, possible=possible)
    if act is Act.WITHDRAW and STAGES[status].phase is Phase.AFTER_REGISTRATION:
        return TooLate(status=status, possible=possible)
    return NotWaitingForThis(status=status, act=act, possible=possible)


SEALING_STOPPED = "SealingStopped"
"""Why a case is held before registration: the ledger that must prove it is not being sealed."""


def queue_of(
    status: Status,
    *,
    agency: Agency | None = None,
    booked: bool = False,
    stuck: bool = False,
    because: str = "",
) -> str | None:
    """Who holds the case now; None when it has ended. Every open case is with exactly one holder.

    `agency` is whose answer is awaited, if one is; `booked` says that an inspection is
    appointed; `stuck` hands the case to a clerk because the machine cannot go on by itself,
    or to an operator when what holds it up is a fault of ours that no clerk can mend.
    """
    holder = STAGES[status].holder
    if holder is None:
        return None
    if stuck:
        return OPERATOR if because == SEALING_STOPPED else CLERK
    if agency is not None and status in _CAN_AWAIT_AN_AGENCY:
        return OWNER if agency is Agency.OWNER else f"agency:{agency}"
    if status is Status.ON_SITE_REQUIRED and booked:
        return INSPECTOR
    return holder
