"""What each waiting state waits for, and when it waits no longer.

The function of the state and the function that is woken by a new fact judge by the same rules,
so it does not matter which of the two sees a fact first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chepai.domain.application import Application
from chepai.domain.case import Case
from chepai.domain.facts import (
    Fact,
    FactKind,
    about_application,
    about_model,
    about_payment,
    about_person,
    about_vin,
    is_fresh,
    newest,
)
from chepai.domain.fees import captured_in
from chepai.domain.findings import Consequence, Finding, Outcome
from chepai.domain.profile import CityProfile
from chepai.domain.routing import owner_is_ready
from chepai.domain.services import REFUND, SERVICES
from chepai.domain.verification import GROUNDS, JUDGES, RECHECKED_AT_REGISTRATION, lets_go_on

Facts = Mapping[FactKind, Sequence[Fact]]


@dataclass(frozen=True)
class Settled:
    """The wait is over with an outcome word."""

    outcome: str


@dataclass(frozen=True)
class Broken:
    """The wait is over with a named way out of the state (a Catch of the machine)."""

    error: str


@dataclass(frozen=True)
class AskAgain:
    """The answer was "I know nothing of it": the question never arrived, so asking is not blind."""

    answer: Fact


Verdict = Settled | Broken | AskAgain | None


@dataclass(frozen=True)
class Look:
    """All that a waiting state may look at; `request_id` is the reference of its own question."""

    application: Application
    facts: Facts
    profile: CityProfile
    now: datetime
    request_id: str

    def newest(self, kind: FactKind) -> Fact | None:
        return newest(self.facts.get(kind, ()))

    def is_fresh(self, kind: FactKind) -> bool:
        """Whether the newest fact of a kind may be used without asking its source again."""
        fact = self.newest(kind)
        return fact is not None and is_fresh(fact, self.now, self.profile.ttl(kind))

    def answer(self, kind: FactKind) -> Fact | None:
        """The newest fact of a kind that answers this state's own question."""
        return newest(f for f in self.facts.get(kind, ()) if f.reply_to == self.request_id)

    def unweighed(self, kind: FactKind) -> Fact | None:
        """The newest fact of a kind if the last weighing did not know it yet.

        Versions are compared, not times: a fact may be stamped before a weighing and be written
        after it.
        """
        fact = self.newest(kind)
        known = self.application.weighed.get("facts", {})
        return None if fact is None or known.get(kind.value) == fact.version else fact

    def kept_waiting(self, kind: FactKind) -> bool:
        """Whether the last weighing found that the case has to wait for the source of a kind."""
        code = self.application.findings.get(kind.value)
        return code is not None and GROUNDS[code].consequence is Consequence.AWAITING_SOURCE

    def may_go_on(self, kind: FactKind) -> bool:
        """Whether the newest fact of a kind lets the case go on."""
        case = case_of(self.application, self.facts)
        finding = self.finding(kind)
        return lets_go_on(finding, case, now=self.now, profile=self.profile)

    def finding(self, kind: FactKind) -> Finding:
        """What the judge of a kind says of its newest fact."""
        case = case_of(self.application, self.facts)
        return JUDGES[kind](self.newest(kind), case, now=self.now, profile=self.profile)


@dataclass(frozen=True)
class Waiting:
    """One waiting state: `looks_at` is what its rule needs, `awaits` is what can end the wait."""

    looks_at: tuple[FactKind, ...]
    awaits: tuple[FactKind, ...]
    verdict: Callable[[Look], Verdict]


_K = FactKind


def case_of(application: Application, facts: Facts) -> Case:
    """The case as the judges see it."""
    return Case(
        application_id=application.application_id,
        service=application.service,
        vin=application.vin,
        person_id=application.person_id,
        identity=newest(facts.get(_K.IDENTITY, ())),
        certificate=newest(facts.get(_K.CERTIFICATE, ())),
        inspection=newest(facts.get(_K.INSPECTION, ())),
        cosignature=cosignature_in(facts),
        use_character=application.entries.get("use_character", "A"),
        entries=application.entries,
        accepted_on=(
            datetime.fromisoformat(application.accepted_at).date()
            if application.accepted_at
            else None
        ),
        agent=application.filed_by == "agent",
        overruled=frozenset(application.review.get("overruled", ())),
    )


def cosignature_in(facts: Facts) -> Fact | None:
    """The newest word on acting jointly by the lender that has the mortgage: no other counts."""
    mortgage = newest(facts.get(_K.MORTGAGE, ()))
    lender = mortgage.says.get("lender") if mortgage else None
    return newest(f for f in facts.get(_K.COSIGNATURE, ()) if f.says.get("lender") == lender)


def subject_of(kind: FactKind, application: Application, facts: Facts) -> str | None:
    """Whom or what a fact of this kind is about in this case; None while that is not known."""
    if kind is _K.IDENTITY:
        return about_person(application.person_id)
    if kind is _K.ANNOUNCEMENT:
        certificate = newest(facts.get(_K.CERTIFICATE, ()))
        return about_model(str(certificate.says["model"])) if certificate else None
    if kind in (_K.FEE, _K.REFUND):
        return about_payment(application.payment_id) if application.payment_id else None
    if kind.value.startswith("A") or kind is _K.DELIVERY:
        return about_application(application.application_id)
    return about_vin(application.vin)


def _check(kind: FactKind) -> Waiting:
    def verdict(look: Look) -> Verdict:
        fact, finding = look.newest(kind), look.finding(kind)
        if fact is None:
            # A finding that no answer could change is not worth a question.
            return Settled(finding.outcome) if finding.outcome == Outcome.MISMATCHED else None
        if finding.outcome == Outcome.UNAVAILABLE:
            return None
        if fact.reply_to == look.request_id or look.may_go_on(kind):
            usable = fact.reply_to == look.request_id or look.is_fresh(kind)
            return Settled(finding.outcome) if usable else None
        # What held the case up when it was weighed last is asked again: it may be mended by now.
        return Settled(finding.outcome) if look.unweighed(kind) and look.is_fresh(kind) else None

    others = (_K.IDENTITY, _K.CERTIFICATE)
    needs = _NEEDS.get(kind, others)
    return Waiting(looks_at=tuple(dict.fromkeys((kind, *needs))), awaits=(kind,), verdict=verdict)


# What a judge compares its fact with, so that a check reads no more than it needs.
_NEEDS: Mapping[FactKind, tuple[FactKind, ...]] = {
    _K.IDENTITY: (),
    _K.CERTIFICATE: (),
    _K.ANNOUNCEMENT: (_K.CERTIFICATE,),
    _K.PRE_INSPECTION: (_K.INSPECTION,),
    _K.PURCHASE_TAX: (_K.IDENTITY,),
    _K.COMPULSORY_INSURANCE: (_K.IDENTITY,),
    _K.VESSEL_TAX: (),
    _K.VEHICLE_STATUS: (),
}


def _anything_new(*kinds: FactKind) -> Callable[[Look], Verdict]:
    def is_news(look: Look, kind: FactKind) -> bool:
        if look.unweighed(kind) is None:
            return False
        if kind not in JUDGES:
            return True
        # "Not paid yet" and "I cannot say now", said again, are no news: a source would be asked
        # and the case be verified in a circle.
        finding = look.finding(kind)
        told = look.kept_waiting(kind) and finding.code == look.application.findings[kind.value]
        return not told and finding.outcome != Outcome.UNAVAILABLE

    def verdict(look: Look) -> Verdict:
        return Settled("something_new") if any(is_news(look, kind) for kind in kinds) else None

    return verdict


def _word(
    kind: FactKind,
    settled: Mapping[str, str],
    broken: Mapping[str, str] | None = None,
    *,
    also: tuple[FactKind, ...] = (),
    decides: bool = False,
) -> Waiting:
    """A wait for one word of one fact: which words settle it, which break it.

    `also` is what the question needs; `decides` marks a decision about what was weighed, which
    says nothing about a later weighing.
    """

    def verdict(look: Look) -> Verdict:
        fact = look.unweighed(kind) if decides else look.newest(kind)
        word = str(fact.says.get("result") or fact.says.get("status")) if fact else ""
        if word in settled:
            return Settled(settled[word])
        if fact is not None and word == "UNKNOWN":
            return AskAgain(fact)
        return Broken(broken[word]) if broken and word in broken else None

    return Waiting(looks_at=(kind, *also), awaits=(kind,), verdict=verdict)


def _owner_ready(look: Look) -> Verdict:
    # The fact only wakes: the case itself knows the signature and the number, or that it was lost.
    return Settled("ready") if owner_is_ready(look.application) else None


def _paid(look: Look) -> Verdict:
    captured = captured_in(look.facts.get(_K.FEE, ()))
    enough = any(int(str(f.says["amount_fen"])) >= look.application.fee_fen for f in captured)
    return Settled("paid") if enough else None


def _cosigned(look: Look) -> Verdict:
    fact = cosignature_in(look.facts)
    if fact is None:
        return None
    return Settled("signed") if fact.says["result"] == "SIGNED" else Broken("Refused")


def _recheck(look: Look) -> Verdict:
    answered = look.answer(_K.VEHICLE_STATUS) is not None
    if not answered or look.finding(_K.VEHICLE_STATUS).outcome == Outcome.UNAVAILABLE:
        return None
    still = all(look.may_go_on(kind) for kind in RECHECKED_AT_REGISTRATION)
    return Settled("verified") if still else Broken("NoLongerInOrder")


def _made(*kinds: FactKind) -> Waiting:
    def verdict(look: Look) -> Verdict:
        order = look.application.order_no
        results = []
        for kind in kinds:
            fact = newest(f for f in look.facts.get(kind, ()) if f.says["order_no"] == order)
            results.append(fact.says["result"] if fact else "")
        if "FAILED" in results:
            return Broken("MustBeMadeAgain")
        return Settled("made") if set(results) == {"MADE"} else None

    return Waiting(looks_at=kinds, awaits=kinds, verdict=verdict)


def parcels(deliveries: Sequence[Fact], order_no: str) -> dict[str, Fact]:
    """The newest word on each parcel of an order, by waybill."""
    of_order = [f for f in deliveries if f.says.get("order_no") == order_no]
    return {
        waybill: last
        for waybill in {str(f.says["waybill"]) for f in of_order}
        if (last := newest(f for f in of_order if f.says["waybill"] == waybill))
    }


def parcels_of(service: str, profile: CityProfile) -> int:
    """Plates and papers may go apart; papers alone are one parcel."""
    return profile.courier.parcels if SERVICES[service].makes_plates else 1


def _delivered(look: Look) -> Verdict:
    known = parcels(look.facts.get(_K.DELIVERY, ()), look.application.order_no)
    states = [str(each.says["state"]) for each in known.values()]
    expected = parcels_of(look.application.service, look.profile)
    if "LOST" in states:
        return Broken("ParcelLost")
    if "RETURNED" in states:
        return Broken("ParcelReturned")
    arrived = [
        f for f in known.values() if f.says["state"] == "DELIVERED" and f.says["identity_shown"]
    ]
    return Settled("delivered") if len(arrived) == len(states) >= expected else None


def _handed_over(look: Look) -> Verdict:
    since = datetime.fromisoformat(look.application.since)
    handed = [
        f
        for f in look.facts.get(_K.DELIVERY, ())
        if f.says["state"] == "DELIVERED" and f.received_at > since
    ]
    return Settled("delivered") if handed else None


def _refunded(look: Look) -> Verdict:
    if not look.application.fee_state:
        return Settled("nothing_to_refund")
    fact = look.newest(_K.REFUND)
    if fact is None or (fact.says["status"] != "REFUNDED" and captured_in(look.facts[_K.FEE])):
        # An order that was closed is no refund of what was captured before it.
        return None
    return Settled(str(fact.says["status"]).lower())


VERIFIED_FOR_NEW_CAR = (
    _K.IDENTITY,
    _K.CERTIFICATE,
    _K.ANNOUNCEMENT,
    _K.PRE_INSPECTION,
    _K.INVOICE,
    _K.PURCHASE_TAX,
    _K.COMPULSORY_INSURANCE,
    _K.VESSEL_TAX,
    _K.VEHICLE_STATUS,
)
VERIFIED_FOR_REISSUE = (_K.IDENTITY, _K.VEHICLE_STATUS, _K.MORTGAGE)
_ANY = tuple(dict.fromkeys((*VERIFIED_FOR_NEW_CAR, *VERIFIED_FOR_REISSUE, _K.CORRECTION)))

# The machine's functions that hold a token, by folder name.
WAITING: Mapping[str, Waiting] = {
    "check_identity": _check(_K.IDENTITY),
    "check_certificate": _check(_K.CERTIFICATE),
    "check_announcement": _check(_K.ANNOUNCEMENT),
    "check_pre_inspection": _check(_K.PRE_INSPECTION),
    "check_invoice": _check(_K.INVOICE),
    "check_purchase_tax": _check(_K.PURCHASE_TAX),
    "check_compulsory_insurance": _check(_K.COMPULSORY_INSURANCE),
    "check_vessel_tax": _check(_K.VESSEL_TAX),
    "check_vehicle_status": _check(_K.VEHICLE_STATUS),
    "check_mortgage": _check(_K.MORTGAGE),
    "wait_for_correction": Waiting(_ANY, _ANY, _anything_new(*_ANY)),
    "wait_for_agency": Waiting(_ANY, _ANY, _anything_new(*_ANY)),
    "wait_for_inspection": Waiting(
        (_K.INSPECTION, _K.PRE_INSPECTION, _K.CORRECTION),
        (_K.INSPECTION, _K.PRE_INSPECTION, _K.CORRECTION),
        _anything_new(_K.INSPECTION, _K.PRE_INSPECTION, _K.CORRECTION),
    ),
    "wait_for_officer": _word(
        _K.OFFICER,
        {"CLEARED": "cleared", "INSPECT": "inspect"},
        {"REFUSED": "Refused"},
        decides=True,
    ),
    "wait_for_owner": Waiting((_K.OWNER_READY,), (_K.OWNER_READY,), _owner_ready),
    "wait_for_cosignature": Waiting((_K.COSIGNATURE, _K.MORTGAGE), (_K.COSIGNATURE,), _cosigned),
    "wait_for_fee": Waiting((_K.FEE,), (_K.FEE,), _paid),
    # A decision from before the last weighing was about something else: another refusal.
    "review_application": _word(
        _K.REVIEW, {"APPROVED": "approved"}, {"REFUSED": "Refused"}, decides=True
    ),
    "recheck_facts": Waiting(
        (*RECHECKED_AT_REGISTRATION, _K.IDENTITY, _K.CERTIFICATE, _K.COSIGNATURE),
        (_K.VEHICLE_STATUS,),
        _recheck,
    ),
    "ask_the_register": _word(
        _K.REGISTER,
        {"REGISTERED": "registered"},
        {"REFUSED": "RegisterRefused"},
        also=(_K.CERTIFICATE,),
        # A refusal that a reviewer reversed was weighed with: the register is asked anew.
        decides=True,
    ),
    "replace_at_the_register": _word(
        _K.REGISTER, {"REPLACED": "replaced"}, {"REFUSED": "RegisterRefused"}, decides=True
    ),
    "make_plates_and_papers": _made(_K.PLATES, _K.PAPERS),
    "print_certificate": _made(_K.PAPERS),
    "send_parcel": Waiting((_K.DELIVERY,), (_K.DELIVERY,), _delivered),
    "keep_for_pick_up": Waiting((_K.DELIVERY,), (_K.DELIVERY,), _handed_over),
    "refund_fee": Waiting((_K.REFUND, _K.FEE), (_K.REFUND,), _refunded),
}

STEPS_OF_SERVICE: Mapping[str, tuple[str, ...]] = {
    name: each.steps for name, each in SERVICES.items()
}


def asked_before_registration(service: str) -> tuple[str, ...]:
    """The waiting steps whose questions are called off when a case is stopped."""
    return tuple(step for step in STEPS_OF_SERVICE[service] if step != REFUND)
