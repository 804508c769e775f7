"""What is true of one car and its owner, and how each agency says it when asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from chepai.domain.facts import FactKind, about_model, about_person, about_vin
from chepai.edge.clock import now, today
from chepai.edge.ids import new_id
from chepai_sandbox import synthetic

SELLER = "91370200MA3TXK003T"
PARAMETERS = {"length_mm": 4650, "mass_kg": 1380, "seats": 5, "displacement_ml": 1498}
CONNECTED, NOT_CONNECTED = "LFV", "LXA"


def days_ago(days: int) -> str:
    day: date = today() - timedelta(days=days)
    return day.isoformat()


@dataclass
class Truth:
    """Everything right, unless a test says what differs."""

    prefix: str = CONNECTED
    person_id: str = field(default_factory=lambda: new_id("per"))
    vin: str = ""
    says: dict[FactKind, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.move_to_maker(self.prefix)

    def move_to_maker(self, prefix: str) -> None:
        """Another maker built the car, so it is another car with other papers."""
        self.vin = synthetic.vin(prefix)
        self.model = "SBX7150A"
        self.certificate_no = synthetic.certificate_no()
        owner = f"blind-id-{self.person_id}"
        name = f"blind-name-{self.person_id}"
        self.says = {
            FactKind.IDENTITY: {
                "result": "MATCH",
                "method": "FACE",
                "reference": new_id("idr"),
                "alive": True,
                "born": 1980,
                "id_blind": owner,
                "name_blind": name,
                "id_masked": "370***********0019",
                "name_masked": "*样",
            },
            FactKind.CERTIFICATE: {
                "certificate_no": self.certificate_no,
                "vin": self.vin,
                "maker": "faw-vw",
                "model": self.model,
                "engine_no": "SB00000001",
                "colour": "白",
                "origin": "DOMESTIC",
                "vehicle_class": "SMALL_PASSENGER",
                "energy": "PETROL",
                "issued_on": days_ago(20),
                "left_factory_on": days_ago(20),
                "status": "VALID",
                "params": dict(PARAMETERS),
            },
            FactKind.ANNOUNCEMENT: {
                "model": self.model,
                "status": "LISTED",
                "params": dict(PARAMETERS),
            },
            FactKind.PRE_INSPECTION: {
                "vin": self.vin,
                "result": "PASSED",
                "inspected_on": days_ago(18),
                "record_no": "PI0000000001",
                "accident": False,
            },
            FactKind.INVOICE: {
                "invoice_no": f"{today():%y}95{synthetic.digits(16)}",
                "form": "DIGITAL",
                "status": "NORMAL",
                "kind": "NEW_VEHICLE",
                "buyer_blind": owner,
                "buyer_name_blind": name,
                "buyer_masked": "370***********0019",
                "buyer_name_masked": "*样",
                "vin": self.vin,
                "certificate_no": self.certificate_no,
                "price_fen": 12_980_000,
                "seller_uscc": SELLER,
                "issued_on": days_ago(3),
            },
            FactKind.PURCHASE_TAX: {
                "vin": self.vin,
                "status": "PAID",
                "amount_fen": 1_148_672,
                "paid_on": days_ago(1),
                "taxpayer_blind": owner,
                "taxpayer_masked": "370***********0019",
            },
            FactKind.COMPULSORY_INSURANCE: {
                "vin": self.vin,
                "insurer": "insurer-haibin",
                "policy_no": f"PDZASBX{synthetic.digits(15)}",
                "insured_blind": owner,
                "insured_masked": "370***********0019",
                "starts_on": days_ago(0),
                "ends_on": days_ago(-364),
                "status": "IN_FORCE",
            },
            FactKind.VESSEL_TAX: {"vin": self.vin, "status": "PAID", "year": today().year},
            FactKind.VEHICLE_STATUS: {"vin": self.vin, "flags": ["A"]},
            FactKind.MORTGAGE: {"vin": self.vin, "active": False, "lender": None},
        }

    def subject(self, kind: FactKind) -> str:
        if kind is FactKind.IDENTITY:
            return about_person(self.person_id)
        return about_model(self.model) if kind is FactKind.ANNOUNCEMENT else about_vin(self.vin)


# Which question is answered by which fact.
ANSWERS: Mapping[str, FactKind] = {
    "identity.asked": FactKind.IDENTITY,
    "certificate.asked": FactKind.CERTIFICATE,
    "product.asked": FactKind.ANNOUNCEMENT,
    "pre_inspection.asked": FactKind.PRE_INSPECTION,
    "invoice.asked": FactKind.INVOICE,
    "purchase_tax.asked": FactKind.PURCHASE_TAX,
    "policy.asked": FactKind.COMPULSORY_INSURANCE,
    "vessel_tax.asked": FactKind.VESSEL_TAX,
    "vehicle_status.asked": FactKind.VEHICLE_STATUS,
    "mortgage.asked": FactKind.MORTGAGE,
}

Say = Callable[..., object]


@dataclass
class Partners:
    """Simple partners: each answers every question once, unless it is told to be silent.

    They know a repeated message by its id. `silent` names types that are not answered at all,
    `asked` is everything that was ever sent to them.
    """

    truth: Truth
    say: Say
    silent: set[str] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)
    registered: dict[str, dict[str, Any]] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    parcel: list[str] = field(default_factory=list)
    plates: list[str] = field(default_factory=list)

    def types(self) -> list[str]:
        return [each["type"] for each in self.asked]

    def hear(self, message: dict[str, Any]) -> None:
        repeated = message["message_id"] in self.heard
        self.asked.append(message)
        self.heard.add(message["message_id"])
        if repeated or message["type"] in self.silent:
            return
        self.answer(message)

    def answer(self, message: dict[str, Any]) -> None:
        kind = ANSWERS.get(message["type"])
        if kind is not None:
            reply = message["request_id"]
            self.say(kind, self.truth.subject(kind), self.truth.says[kind], reply_to=reply)
            return
        work = getattr(self, "_" + message["type"].replace(".", "_"), None)
        if work:
            work(message, message["refs"])

    def _about_case(self, kind: FactKind, message: dict[str, Any], says: dict[str, Any]) -> None:
        subject = f"application#{message['application_id']}"
        self.say(kind, subject, says, reply_to=message["request_id"])

    def register(self, message: dict[str, Any]) -> dict[str, Any]:
        """Enter the car once; the application is the key."""
        refs = message["refs"]
        return self.registered.setdefault(
            message["application_id"],
            {
                "result": "REGISTERED",
                "vin": refs["vin"],
                "plate_no": refs["plate_no"],
                "certificate_no": f"37{synthetic.digits(10)}",
                "registered_at": moment(),
            },
        )

    def _registration_asked(self, message: dict[str, Any], refs: dict[str, Any]) -> None:
        assert refs["certificate_no"] == self.truth.certificate_no
        self._about_case(FactKind.REGISTER, message, self.register(message))

    def _registration_queried(self, message: dict[str, Any], refs: dict[str, Any]) -> None:
        entry = self.registered.get(message["application_id"], {"result": "UNKNOWN"})
        self._about_case(FactKind.REGISTER, message, entry)

    def _plates_ordered(self, message: dict[str, Any], refs: dict[str, Any]) -> None:
        result = self.plates.pop(0) if self.plates else "MADE"
        says = {"result": result, "serials": ["S1", "S2"], "order_no": refs["order_no"]}
        self._about_case(FactKind.PLATES, message, says)

    def _papers_ordered(self, message: dict[str, Any], refs: dict[str, Any]) -> None:
        says = {"result": "MADE", "serials": ["C1", "L1"], "order_no": refs["order_no"]}
        self._about_case(FactKind.PAPERS, message, says)

    def _parcel_ordered(self, message: dict[str, Any], refs: dict[str, Any]) -> None:
        state = self.parcel.pop(0) if self.parcel else "DELIVERED"
        for each in ("COLLECTED", state):
            self._about_case(FactKind.DELIVERY, message, parcel(refs["order_no"], each))

    # Traced, it turns up.
    _parcel_traced = _parcel_ordered

    def _payment_cancelled(self, message: dict[str, Any], refs: dict[str, Any]) -> None:
        self._refund(message, "CANCELLED", 0)

    def _refund_ordered(self, message: dict[str, Any], refs: dict[str, Any]) -> None:
        self._refund(message, "REFUNDED", refs["amount_fen"])

    def _refund(self, message: dict[str, Any], status: str, amount: int) -> None:
        says = {"status": status, "amount_fen": amount, "order_no": "SB1"}
        self.say(FactKind.REFUND, f"payment#{message['refs']['payment_id']}", says)


def parcel(order_no: str, state: str) -> dict[str, Any]:
    return {
        "order_no": order_no,
        "parcel": "ALL",
        "waybill": f"EMS-{order_no}",
        "state": state,
        "identity_shown": state == "DELIVERED",
        "attempts": 1,
    }


def moment() -> str:
    at: datetime = now()
    return at.isoformat().replace("+00:00", "Z")
