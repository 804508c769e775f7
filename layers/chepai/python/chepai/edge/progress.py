"""Live progress: what is asked of whom, what is answered, who holds the case, what remains to do.

Everything is worked out when it is read, from the case, the facts and the rules; nothing is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from chepai.domain import legal_clock, where_it_stands
from chepai.domain.application import Application
from chepai.domain.facts import AGENCIES, Fact, FactKind, about_payment
from chepai.domain.findings import Outcome
from chepai.domain.life_cycle import STAGES, Phase, Status
from chepai.domain.profile import CityProfile
from chepai.domain.verification import JUDGES, required
from chepai.domain.waiting import case_of, parcels
from chepai.edge.api import Answer
from chepai.edge.asking_for import CHECK_OF
from chepai.edge.clock import now
from chepai.edge.texts import say_in_both
from chepai.edge.timing import Delay, LegalClock, clock_of, delay_of
from chepai.edge.views import Texts, card, possible, status_text
from chepai.edge.weighing import known_of
from chepai.records.applications import Applications
from chepai.records.cities import Cities
from chepai.records.facts import Facts

ASKED, LATE = "asked", "late"


class Asked(Answer):
    """One fact: asked, late, matched, mismatched, missing or unavailable; and who answers it."""

    kind: str
    name: Texts
    state: str
    state_text: Texts
    agency: str
    agency_text: Texts
    answered_at: str | None = None
    expected_by: str | None = None


class Milestone(Answer):
    """One step of the way: done, now or to come."""

    step: str
    name: Texts
    state: str


class Parcel(Answer):
    """Where a parcel is, by its waybill."""

    waybill: str
    parcel: str
    state: str
    at: str


class Progress(Answer):
    """All that an owner wants to know at a glance."""

    application_id: str
    service: str
    status: str
    status_text: Texts
    holder: str
    holder_text: Texts
    do_next: list[str]
    number: str | None = None
    number_held_until: str | None = None
    latest_end: str
    latest_end_is: str
    clock: LegalClock | None = None
    delay: Delay | None = None
    since: str
    steps: list[Milestone]
    facts: list[Asked]
    parcels: list[Parcel]
    standing: dict[str, Any]
    reasons: list[dict[str, Any]]
    disputes: dict[str, Any] | None = None
    possible: list[str]


@dataclass(frozen=True)
class Watching:
    """The adapters that showing progress takes."""

    applications: Applications
    cities: Cities
    facts: Facts

    @classmethod
    def from_env(cls) -> Self:
        # Phones poll this: it may be a moment late, it decides nothing.
        return cls(
            Applications.from_env().for_views(), Cities.from_env(), Facts.from_env().for_views()
        )

    def progress(self, application: Application) -> Progress:
        profile = self.cities.profile(application.profile_version)
        known = known_of(application, self.facts)
        moment = now()
        end, end_is = latest_end(application, profile)
        holder, law = holder_of(application), self._law(application, profile)
        deliveries = self._deliveries(application)
        said = {**known, FactKind.DELIVERY: deliveries, FactKind.FEE: self._payments(application)}
        standing = where_it_stands.card(application, said, now=moment, profile=profile)
        return Progress(
            application_id=application.application_id,
            service=application.service,
            status=application.status,
            status_text=status_text(application),
            holder=holder,
            holder_text=say_in_both("states", f"holder.{holder}") if holder else {},
            do_next=do_next(application),
            number=application.number or None,
            number_held_until=application.number_held_until or None,
            latest_end=end.isoformat(),
            latest_end_is=end_is,
            clock=clock_of(application, law, moment),
            delay=delay_of(application, law, profile),
            since=application.since,
            steps=milestones(application),
            facts=asked(application, known, profile, moment),
            parcels=parcels_of(application, deliveries),
            standing=card(standing.record()),
            reasons=[card(each) for each in application.reasons],
            disputes=disputes(application, known) or None,
            possible=possible(application),
        )

    def _law(self, application: Application, profile: CityProfile) -> CityProfile:
        """The profile in force at acceptance, if that was another one than at filing."""
        version = application.clock.get("law")
        return self.cities.profile(version) if version else profile

    def _payments(self, application: Application) -> Sequence[Fact]:
        # Only while it is owed is it told how paying went.
        if application.status != Status.AWAITING_FEE or not application.fee_state:
            return []
        return self.facts.of_kind(about_payment(application.payment_id), FactKind.FEE)

    def _deliveries(self, application: Application) -> Sequence[Fact]:
        if not application.orders:
            return []
        return self.facts.of_kind(application.subject, FactKind.DELIVERY)


def parcels_of(application: Application, deliveries: Sequence[Fact]) -> list[Parcel]:
    """Every parcel of the order now at work, with the courier's newest word on it."""
    return [
        Parcel(
            waybill=waybill,
            parcel=str(fact.says["parcel"]),
            state=str(fact.says["state"]),
            at=_iso(fact.occurred_at),
        )
        for waybill, fact in sorted(parcels(deliveries, application.order_no).items())
    ]


def asked(
    application: Application,
    known: Mapping[FactKind, Sequence[Fact]],
    profile: CityProfile,
    moment: datetime,
) -> list[Asked]:
    """One row for each fact that the service rests on, judged as it is known now."""
    case = case_of(application, known)
    patience = profile.patience.of_steps()
    rows = []
    for kind in required(case, profile):
        fact = known[kind][0] if known.get(kind) else None
        seconds = patience.get(CHECK_OF.get(kind, ""), 0)
        expected = datetime.fromisoformat(application.submitted_at) + timedelta(seconds=seconds)
        judged = JUDGES[kind](fact, case, now=moment, profile=profile).outcome
        missing = fact is None and judged in {Outcome.MISSING, Outcome.UNAVAILABLE}
        state = (LATE if moment > expected else ASKED) if missing else judged.value
        agency = AGENCIES[kind].agency.value
        rows.append(
            Asked(
                kind=kind.value,
                name=say_in_both("services", f"fact.{kind.value}"),
                state=state,
                state_text=say_in_both("services", f"fact_state.{state}"),
                agency=agency,
                agency_text=say_in_both("states", f"holder.agency:{agency}"),
                answered_at=_iso(fact.received_at) if fact else None,
                expected_by=_iso(expected) if missing else None,
            )
        )
    return rows


def disputes(application: Application, known: Mapping[FactKind, Sequence[Fact]]) -> dict[str, Any]:
    """Each dispute with its due day, and whether the agency has said something new since."""
    return {
        kind: {
            **kept,
            "answered": any(f.version > kept["version"] for f in known.get(FactKind(kind), ())),
        }
        for kind, kept in application.disputes.items()
    }


def latest_end(application: Application, profile: CityProfile) -> tuple[date, str]:
    """The last day for a decision: by law once accepted, before that what the city promises."""
    if application.legal_end:
        return date.fromisoformat(application.legal_end), "law"
    handed_in = datetime.fromisoformat(application.submitted_at)
    return legal_clock.deadline_of(application.service, handed_in, profile).last_day, "promise"


def holder_of(application: Application) -> str:
    """Who holds the case, by the queue it lies in; "" for one that has ended."""
    return application.queue_shard.rpartition("#")[0]


def do_next(application: Application) -> list[str]:
    """What the owner has to do now, as codes; usually nothing."""
    if application.ending or STAGES[Status(application.status)].phase is Phase.ENDED:
        return []
    match Status(application.status):
        case Status.AWAITING_OWNER:
            undone = {"sign": not application.signed, "choose_number": not application.number}
            if application.service != "new_car":
                undone.pop("choose_number")
            return [act for act, is_due in undone.items() if is_due]
        case Status.AWAITING_FEE:
            return ["pay"] if application.address_kept_at else ["give_address", "pay"]
        case Status.ON_SITE_REQUIRED:
            return [] if application.appointment else ["book_inspection"]
        case Status.NEEDS_CORRECTION | Status.AWAITING_SOURCE:
            return sorted(
                {
                    str(each["what_fixes_it"])
                    for each in application.reasons
                    if each.get("who_must_act") == "owner"
                }
            )
        case Status.KEPT_FOR_PICK_UP:
            return ["pick_up"]
    return []


def milestones(application: Application) -> list[Milestone]:
    """The way from verification to the door, without what this service does not have."""
    done = _done(application)
    first_open = next((name for name, is_done in done.items() if not is_done), None)
    return [
        Milestone(
            step=name,
            name=say_in_both("services", f"step.{name}"),
            state="done" if is_done else "now" if name == first_open else "to_come",
        )
        for name, is_done in done.items()
    ]


def _done(application: Application) -> dict[str, bool]:
    status = Status(application.status)
    after = STAGES[status].phase is Phase.AFTER_REGISTRATION or status is Status.CLOSED
    past_verification = after or status in {
        Status.AWAITING_OWNER,
        Status.AWAITING_FEE,
        Status.ACCEPTED,
        Status.REVIEWING,
        Status.APPROVED,
        Status.REGISTERING,
    }
    made = status in {
        Status.DISPATCHED,
        Status.KEPT_FOR_PICK_UP,
        Status.CLOSED,
    }
    done = {
        "verified": past_verification,
        "signed": bool(application.signed),
        "number_chosen": bool(application.number),
        "paid": bool(application.accepted_at),
        "accepted": bool(application.accepted_at),
        "approved": after or status in {Status.APPROVED, Status.REGISTERING},
        "registered": after,
        "made": made,
        "delivered": status is Status.CLOSED,
    }
    if application.service != "new_car":
        done.pop("number_chosen")
    return done


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
