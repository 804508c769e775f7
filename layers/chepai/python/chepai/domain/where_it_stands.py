"""Why a case stands where it does, as a card: for every status, and for what befalls it there.

Reasons that a weighing gave are kept with the case and come first. What is told here is the rest:
that all goes its way and whose turn it is, or that a payment, a plate, a parcel or the machine
itself came to grief. Nothing is kept: it is worked out from what is known when it is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chepai.domain import mishaps, ordinary
from chepai.domain.application import Application
from chepai.domain.facts import Agency, Fact, FactKind, newest
from chepai.domain.findings import Ground
from chepai.domain.life_cycle import SEALING_STOPPED, STAGES, Phase, Status
from chepai.domain.periods import city_day
from chepai.domain.profile import CityProfile
from chepai.domain.reasons import ReasonCard, card_of
from chepai.domain.services import SERVICES
from chepai.domain.waiting import parcels

Said = Mapping[FactKind, Sequence[Fact]]

# The step whose patience says until when a status may last.
_STEP: Mapping[Status, str] = {
    Status.NEEDS_CORRECTION: "wait_for_correction",
    Status.AWAITING_SOURCE: "wait_for_agency",
    Status.ON_SITE_REQUIRED: "wait_for_inspection",
    Status.CONVERTED_ON_SITE: "wait_for_officer",
    Status.AWAITING_OWNER: "wait_for_owner",
    Status.AWAITING_FEE: "wait_for_fee",
    Status.REVIEWING: "review_application",
    Status.REGISTERING: "ask_the_register",
    Status.IN_PRODUCTION: "make_plates_and_papers",
    Status.DISPATCHED: "send_parcel",
    Status.KEPT_FOR_PICK_UP: "keep_for_pick_up",
}
_HELD: Mapping[str, Ground] = {SEALING_STOPPED: mishaps.SEALING_STOPPED}
_OF_PARCEL: Mapping[str, Ground] = {
    "LOST": mishaps.PARCEL_LOST,
    "RETURNED": mishaps.PARCEL_RETURNED,
    "FAILED_ATTEMPT": mishaps.ATTEMPT_FAILED,
}
# By the kind that tells it: the statuses in which it matters, and what each word means then.
_WORDS: Mapping[FactKind, tuple[frozenset[Status], Mapping[str, Ground]]] = {
    FactKind.FEE: (
        frozenset({Status.AWAITING_FEE}),
        {"DECLINED": mishaps.FEE_DECLINED, "UNKNOWN": mishaps.FEE_UNKNOWN},
    ),
    FactKind.REGISTER: (
        frozenset({Status.REGISTERING}),
        {"UNKNOWN": mishaps.REGISTER_UNKNOWN},
    ),
    FactKind.PLATES: (frozenset({Status.IN_PRODUCTION}), {"FAILED": mishaps.PLATES_FAILED}),
    FactKind.PAPERS: (frozenset({Status.IN_PRODUCTION}), {"FAILED": mishaps.PAPERS_FAILED}),
}


def ground_of(application: Application, said: Said) -> Ground:
    """The one ground that says best why a case stands where it does."""
    status = Status(application.status)
    if STAGES[status].phase is not Phase.ENDED:
        if application.stuck_because:
            return _HELD.get(application.stuck_because, mishaps.STUCK)
        if application.ending and application.fee_state:
            return mishaps.REFUND_PENDING
    for kind, (when, words) in _WORDS.items():
        # What failed is told till what is made again is there: the newest word counts.
        fact = newest(said.get(kind, ()))
        word = str(fact.says.get("result") or fact.says.get("status")) if fact else ""
        if status in when and word in words:
            return words[word]
    if status in (Status.DISPATCHED, Status.KEPT_FOR_PICK_UP):
        states = {
            str(each.says["state"])
            for each in parcels(said.get(FactKind.DELIVERY, ()), application.order_no).values()
        }
        for state, ground in _OF_PARCEL.items():
            if state in states:
                return ground
    if status is Status.IN_PRODUCTION and not SERVICES[application.service].makes_plates:
        return ordinary.PRINTING
    return ordinary.OF_STATUS[status]


def card(
    application: Application, said: Said, *, now: datetime, profile: CityProfile
) -> ReasonCard:
    """That ground as a card with every part; its last day is that of the wait the case is in."""
    ground = ground_of(application, said)
    made = card_of(ground, today=city_day(now), profile=profile, seen=application.status)
    step = _STEP.get(Status(application.status))
    if ground.code not in ordinary.GROUNDS or step is None:
        return made
    since = datetime.fromisoformat(application.since or application.submitted_at)
    until = city_day(since + timedelta(seconds=profile.patience.of_steps()[step]))
    whose = "owner" if ground.who_acts is Agency.OWNER else "wait"
    return replace(made, deadline=max(until, city_day(now)), deadline_kind=whose)
