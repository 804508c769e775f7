"""Where a run of a state machine goes on, by the status of its case."""

from collections.abc import Mapping

from chepai.domain.application import Application
from chepai.domain.life_cycle import Status
from chepai.domain.review import is_asked
from chepai.domain.services import SERVICES

# The words are the choices of the machine's second state; a later run replaces an earlier one.
_STANDS: Mapping[Status, str] = {
    Status.SUBMITTED: "verify",
    Status.VERIFYING: "verify",
    Status.NEEDS_CORRECTION: "correction",
    Status.AWAITING_SOURCE: "agency",
    Status.ON_SITE_REQUIRED: "inspection",
    Status.CONVERTED_ON_SITE: "officer",
    Status.AWAITING_OWNER: "owner",
    Status.AWAITING_FEE: "fee",
    Status.ACCEPTED: "review",
    Status.REVIEWING: "review",
    Status.APPROVED: "recheck",
    Status.REGISTERING: "register",
    Status.REGISTERED: "make",
    Status.IN_PRODUCTION: "make",
    Status.DISPATCHED: "send",
    Status.KEPT_FOR_PICK_UP: "keep",
    Status.CLOSED: "close",
}


def where_it_stands(application: Application) -> str:
    """The word that routes a new run; a case that was stopped goes the way back."""
    if not application.ending and is_asked(application):
        # Its owner asked for the review while the machine waited for a correction: it still does,
        # and nothing that comes after acceptance may be reached by a review before it.
        return "correction"
    return "stop" if application.ending else _STANDS.get(Status(application.status), "stop")


def needs_machine(application: Application) -> bool:
    """Whether a state machine has to run for an open case.

    A case that has ended and is under review because its owner asked waits for a person alone: its
    machine, started again, would only end it once more.
    """
    return not (application.ending and is_asked(application))


def owner_is_ready(application: Application) -> bool:
    """Whether the owner has signed and, where the service gives a number, holds one."""
    holds = bool(application.number) or not SERVICES[application.service].gives_number
    return bool(application.signed) and holds
