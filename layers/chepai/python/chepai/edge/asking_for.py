"""Which question a waiting state puts to whom: one row a state, identifiers only."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from chepai.domain.application import Application
from chepai.domain.facts import FactKind
from chepai.domain.fees import captured_in
from chepai.domain.manufacturers import Maker
from chepai.domain.periods import city_day
from chepai.domain.services import SERVICES
from chepai.domain.verification import required
from chepai.domain.waiting import Look, case_of, parcels, parcels_of
from chepai.edge.ids import derived_id
from chepai.edge.questions import Question

Asker = Callable[[Look], list[Question]]


def question(look: Look, kind: str, type_: str, partner: str = "", **refs: str | int) -> Question:
    """A question of this very state: asked again, it is the same message."""
    return Question(
        kind=kind,
        type=type_,
        partner=partner,
        request_id=look.request_id,
        message_id=derived_id("msg", look.request_id, type_),
        application_id=look.application.application_id,
        refs={name: value for name, value in refs.items() if value},
    )


def _about_car(kind: str, type_: str) -> Asker:
    return lambda look: [question(look, kind, type_, vin=look.application.vin)]


def _certificate(look: Look) -> list[Question]:
    """The maker is asked if it is connected; else the ministry, that has every certificate."""
    vin = look.application.vin
    if maker := _connected_maker(look):
        return [question(look, "manufacturer", "certificate.asked", maker.code, vin=vin)]
    return [question(look, "announcement", "certificate.asked", vin=vin)]


def _pre_inspection(look: Look) -> list[Question]:
    vin = look.application.vin
    if maker := _connected_maker(look):
        return [question(look, "manufacturer", "pre_inspection.asked", maker.code, vin=vin)]
    return []


def _connected_maker(look: Look) -> Maker | None:
    maker = look.profile.maker_of(look.application.vin)
    return maker if maker and maker.connected_on(city_day(look.now)) else None


def _identity(look: Look) -> list[Question]:
    person = look.application.person_id
    return [question(look, "police", "identity.asked", person_id=person)]


def _announcement(look: Look) -> list[Question]:
    certificate = look.newest(FactKind.CERTIFICATE)
    if certificate is None:
        return []
    model = str(certificate.says["model"])
    return [question(look, "announcement", "product.asked", model=model)]


def _registration(look: Look) -> list[Question]:
    certificate = look.newest(FactKind.CERTIFICATE)
    return [
        question(
            look,
            "register",
            "registration.asked",
            vin=look.application.vin,
            plate_no=look.application.number,
            plate_kind=look.application.plate_kind,
            certificate_no=str(certificate.says["certificate_no"]) if certificate else "",
            person_id=look.application.person_id,
        )
    ]


def _replacement(look: Look) -> list[Question]:
    return [
        question(
            look,
            "register",
            "replacement.asked",
            vin=look.application.vin,
            plate_no=look.application.number,
            plate_kind=look.application.plate_kind,
            old_certificate_no=str(look.application.entries["old_certificate_no"]),
            person_id=look.application.person_id,
        )
    ]


def _plates(look: Look) -> Question:
    return question(
        look,
        "plate_maker",
        "plates.ordered",
        order_no=look.application.order_no,
        plate_no=look.application.number,
        plate_kind=look.application.plate_kind,
        vin=look.application.vin,
    )


def _papers(look: Look, papers: str) -> Question:
    return question(
        look,
        "print_room",
        "papers.ordered",
        order_no=look.application.order_no,
        papers=papers,
        certificate_no=look.application.certificate_no,
        plate_no=look.application.number,
        vin=look.application.vin,
        person_id=look.application.person_id,
    )


def _parcels(look: Look) -> list[Question]:
    """One parcel with everything, or plates and papers apart, as the city's profile says."""
    service = look.application.service
    apart = parcels_of(service, look.profile) > 1
    only = "ALL" if SERVICES[service].makes_plates else "PAPERS"
    return [
        Question(
            kind="courier",
            type="parcel.ordered",
            request_id=look.request_id,
            message_id=derived_id("msg", look.application.order_no, parcel),
            application_id=look.application.application_id,
            refs={
                "order_no": look.application.order_no,
                "parcel": parcel,
                "person_id": look.application.person_id,
            },
        )
        for parcel in (("PLATES", "PAPERS") if apart else (only,))
    ]


def _refund(look: Look) -> list[Question]:
    """An order nobody paid is closed; a paid one is refunded by the amount we saw captured."""
    payment = {"payment_id": look.application.payment_id}
    paid = captured_in(look.facts.get(FactKind.FEE, ()))
    if not paid:
        return [question(look, "payment", "payment.cancelled", **payment)]
    amount = int(str(paid[0].says["amount_fen"]))
    return [
        question(look, "payment", "refund.ordered", amount_fen=amount, paid_fen=amount, **payment)
    ]


def _cosignature(look: Look) -> list[Question]:
    mortgage = look.newest(FactKind.MORTGAGE)
    lender = str(mortgage.says.get("lender") or "") if mortgage else ""
    return [
        question(
            look,
            "lender",
            "cosignature.asked",
            lender,
            vin=look.application.vin,
            act="REISSUE_REG_CERT",
        )
    ]


def _whatever_is_missing(look: Look) -> list[Question]:
    """What the agencies owe: what was never said, and what kept the case waiting when weighed."""
    case = case_of(look.application, look.facts)
    kinds = [
        kind
        for kind in required(case, look.profile)
        if look.newest(kind) is None or look.kept_waiting(kind)
    ]
    return [each for kind in kinds if kind in CHECK_OF for each in ASKS[CHECK_OF[kind]](look)]


def payment_order(application: Application) -> Question:
    """The order of a fee at the gateway: the same message whoever sends it, however often."""
    payment_id = application.payment_id
    return Question(
        kind="payment",
        type="payment.ordered",
        request_id=derived_id("req", payment_id),
        message_id=derived_id("msg", payment_id, "ordered"),
        application_id=application.application_id,
        refs={
            "payment_id": payment_id,
            "amount_fen": application.fee_fen,
            "vin": application.vin,
        },
    )


def payment_taken(application: Application, *, method: str, receipt_no: str) -> Question:
    """What a desk took, told to the gateway: the same message however often it is sent."""
    payment_id = application.payment_id
    return Question(
        kind="payment",
        type="payment.taken",
        request_id=derived_id("req", payment_id, "taken"),
        message_id=derived_id("msg", payment_id, "taken"),
        application_id=application.application_id,
        refs={
            "payment_id": payment_id,
            "amount_fen": application.fee_fen,
            "method": method,
            "receipt_no": receipt_no,
        },
    )


def _ordered_fee(look: Look) -> list[Question]:
    """A callback that is lost, or the order itself: the gateway knows what became of it."""
    return [payment_order(look.application)] if look.application.fee_state else []


def again(asked: Question, nth: int) -> Question:
    """The nth repetition: another message, but the same request, so that its answer fits."""
    type_ = OVERDUE.get(asked.type, asked.type)
    return replace(asked, type=type_, message_id=derived_id("msg", asked.message_id, type_, nth))


def overdue(asked: Question, nth: int, look: Look) -> list[Question]:
    """What is asked when no answer has come: again, and where that does no harm the very same.

    A partner may have answered 200 to an order and have taken nothing. While it has said nothing
    at all of the order, it gets the message once more: if it has it, it knows it and drops it.
    """
    silent = KNOWN_AGAIN.get(asked.type)
    same = [asked] if silent and silent(look) else []
    return [*same, again(asked, nth)]


def _no_word_of_the_parcel(look: Look) -> bool:
    return not parcels(look.facts.get(FactKind.DELIVERY, ()), look.application.order_no)


def _no_word_of_the_payment(look: Look) -> bool:
    return not look.facts.get(FactKind.FEE)


def repeated(asked: Question, nth: int) -> Question:
    """The same question once more, because whoever was asked knows nothing of it."""
    return replace(asked, message_id=derived_id("msg", asked.message_id, "unknown", nth))


def cancelling(asked: Question) -> Question:
    """The message that calls a question off: the application ended."""
    return replace(
        asked,
        type="request.cancelled",
        message_id=derived_id("msg", asked.message_id, "cancelled"),
        request_id=derived_id("req", asked.message_id, "cancelled"),
        refs={"cancelled": asked.request_id},
    )


CHECK_OF: Mapping[FactKind, str] = {
    FactKind.IDENTITY: "check_identity",
    FactKind.CERTIFICATE: "check_certificate",
    FactKind.ANNOUNCEMENT: "check_announcement",
    FactKind.PRE_INSPECTION: "check_pre_inspection",
    FactKind.INVOICE: "check_invoice",
    FactKind.PURCHASE_TAX: "check_purchase_tax",
    FactKind.COMPULSORY_INSURANCE: "check_compulsory_insurance",
    FactKind.VESSEL_TAX: "check_vessel_tax",
    FactKind.VEHICLE_STATUS: "check_vehicle_status",
    FactKind.MORTGAGE: "check_mortgage",
}
ASKS: Mapping[str, Asker] = {
    "wait_for_agency": _whatever_is_missing,
    "check_identity": _identity,
    "check_certificate": _certificate,
    "check_announcement": _announcement,
    "check_pre_inspection": _pre_inspection,
    "check_invoice": _about_car("tax", "invoice.asked"),
    "check_purchase_tax": _about_car("tax", "purchase_tax.asked"),
    "check_compulsory_insurance": _about_car("insurer", "policy.asked"),
    "check_vessel_tax": _about_car("tax", "vessel_tax.asked"),
    "check_vehicle_status": _about_car("police", "vehicle_status.asked"),
    "check_mortgage": _about_car("lender", "mortgage.asked"),
    "recheck_facts": _about_car("police", "vehicle_status.asked"),
    "wait_for_cosignature": _cosignature,
    "ask_the_register": _registration,
    "replace_at_the_register": _replacement,
    "make_plates_and_papers": lambda look: [_plates(look), _papers(look, "ALL")],
    "print_certificate": lambda look: [_papers(look, "CERTIFICATE")],
    "send_parcel": _parcels,
    "refund_fee": _refund,
}

# States that ask nothing when they begin, because somebody else has; only late answers are asked.
ASKS_WHEN_OVERDUE: Mapping[str, Asker] = {"wait_for_fee": _ordered_fee}

# When an answer is overdue, a question whose effect must not happen twice is asked otherwise.
OVERDUE: Mapping[str, str] = {
    "registration.asked": "registration.queried",
    "replacement.asked": "registration.queried",
    "payment.ordered": "payment.queried",
    "parcel.ordered": "parcel.traced",
}

# Orders that carry our order's number, by which their receiver knows one that it has already;
# and whether it has said nothing of it yet.
KNOWN_AGAIN: Mapping[str, Callable[[Look], bool]] = {
    "parcel.ordered": _no_word_of_the_parcel,
    "payment.ordered": _no_word_of_the_payment,
}
