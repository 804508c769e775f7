"""Which question a waiting state puts to whom: one row a state, identifiers only."""

from collections.abc import Callable, Mapping

from chepai.domain.facts import FactKind
from chepai.domain.waiting import Look
from chepai.edge.ids import derived_id
from chepai.edge.questions import Question

Asker = Callable[[Look], list[Question]]


def question(look: Look, kind: str, type_: str, partner: str = "", **refs: str) -> Question:
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


def _of_maker(type_: str) -> Asker:
    def ask(look: Look) -> list[Question]:
        maker = look.profile.maker_of(look.application.vin)
        if maker is None:
            return []
        return [question(look, "manufacturer", type_, maker.code, vin=look.application.vin)]

    return ask


def _identity(look: Look) -> list[Question]:
    return [question(look, "police", "identity.ask", person_id=look.application.person_id)]


def _announcement(look: Look) -> list[Question]:
    certificate = look.newest(FactKind.CERTIFICATE)
    if certificate is None:
        return []
    return [question(look, "announcement", "product.ask", model=str(certificate.says["model"]))]


def _registration(look: Look) -> list[Question]:
    application = look.application
    return [
        question(
            look,
            "register",
            "registration.ask",
            key=application.application_id,
            vin=application.vin,
            number=application.number,
            plate_kind=application.plate_kind,
            person_id=application.person_id,
        )
    ]


def _replacement(look: Look) -> list[Question]:
    application = look.application
    return [
        question(
            look,
            "register",
            "certificate.replace",
            key=application.application_id,
            vin=application.vin,
            certificate_no=application.entries.get("old_certificate_no", ""),
            person_id=application.person_id,
        )
    ]


def _production(look: Look) -> list[Question]:
    application = look.application
    order = {
        "order_no": str(application.orders),
        "vin": application.vin,
        "number": application.number,
        "plate_kind": application.plate_kind,
    }
    certificate = {"certificate_no": application.certificate_no}
    return [
        question(look, "plate_maker", "plates.order", **order),
        question(
            look,
            "plate_maker",
            "papers.order",
            "print-room",
            **order,
            **certificate,
            person_id=application.person_id,
        ),
    ]


def _printing(look: Look) -> list[Question]:
    return [each for each in _production(look) if each.type == "papers.order"]


def _parcel(look: Look) -> list[Question]:
    application = look.application
    return [
        question(
            look,
            "courier",
            "parcel.order",
            order_no=str(application.orders),
            contents="PAPERS" if application.service == "certificate_reissue" else "ALL",
            parcels=str(look.profile.courier.parcels),
            person_id=application.person_id,
        )
    ]


def _refund(look: Look) -> list[Question]:
    application = look.application
    return [
        question(
            look,
            "payment",
            "order.undo",
            payment_id=application.payment_id,
            amount_fen=str(application.fee_fen),
        )
    ]


def _cosignature(look: Look) -> list[Question]:
    mortgage = look.newest(FactKind.MORTGAGE)
    lender = str(mortgage.says.get("lender") or "") if mortgage else ""
    return [question(look, "lender", "cosignature.ask", lender, vin=look.application.vin)]


ASKS: Mapping[str, Asker] = {
    "check_identity": _identity,
    "check_certificate": _of_maker("certificate.ask"),
    "check_announcement": _announcement,
    "check_pre_inspection": _of_maker("pre_inspection.ask"),
    "check_invoice": _about_car("tax", "invoice.ask"),
    "check_purchase_tax": _about_car("tax", "purchase_tax.ask"),
    "check_compulsory_insurance": _about_car("insurer", "policy.ask"),
    "check_vessel_tax": _about_car("tax", "vessel_tax.ask"),
    "check_vehicle_status": _about_car("police", "vehicle_status.ask"),
    "check_mortgage": _about_car("lender", "mortgage.ask"),
    "recheck_facts": _about_car("police", "vehicle_status.ask"),
    "wait_for_cosignature": _cosignature,
    "ask_the_register": _registration,
    "replace_at_the_register": _replacement,
    "make_plates_and_papers": _production,
    "print_certificate": _printing,
    "send_parcel": _parcel,
    "refund_fee": _refund,
}

# When an answer is overdue, a question whose effect must not happen twice is asked otherwise.
OVERDUE: Mapping[str, str] = {
    "registration.ask": "registration.query",
    "certificate.replace": "registration.query",
    "order.place": "order.query",
}
