"""A car's owner with a phone: signs in, applies, does what the office asks for, looks again."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.local.scenarios.sandbox import Car
from infra.local.scenarios.staff import approve_sampled
from infra.local.scenarios.stage import PATIENCE_SECONDS, EndedWrongly, Stage
from infra.local.scenarios.wire import Refused

ADDRESS = "青岛市市南区示例路1号2单元301"
CHANGED = "VR-110"
ENDED = frozenset({"closed", "withdrawn", "rejected", "not_accepted", "expired"})

Case = dict[str, Any]


class Owner:
    """One person with one car; `application_id` is that of the case filed last."""

    def __init__(
        self, stage: Stage, car: Car, methods: tuple[str, ...] = ("FACE", "NET_ID")
    ) -> None:
        self.stage = stage
        self.car = car
        self.token = stage.sandbox.citizen_token(car.person_id, methods)
        self.wire = stage.wire.signed_in(self.token)
        self.application_id = ""

    # What an owner does.

    def registers(self, **entries: Any) -> str:
        """File the registration of the car, as soon as its invoice is known; the case's id."""
        filed: Case = self.stage.until("the car is known", lambda: self._file(entries))
        return self._filed(filed)

    def reissues(self, **said: Any) -> str:
        """File for a new certificate; the case's id."""
        body = {"vin": self.car.vin, "reason": "LOST", **said}
        return self._filed(self.wire.post("/v1/certificate-reissues", body))

    def signs(self) -> None:
        """Confirm what the agencies supplied, as it is shown at this moment, and sign.

        When an agency says something else between reading and signing, what it said is read anew.
        """
        self.stage.until("what was read can be signed", self._sign)
        self.stage.tell("signed")

    def _sign(self) -> bool | None:
        shown = self.case()
        said = {"digest": shown["confirmation"]["digest"], "declared_true": True}
        try:
            self.wire.post(self._at("signature"), said)
        except Refused as no:
            if no.code == CHANGED:
                return None
            # What an agency took back may have ended the case under the owner's pen.
            if self.case()["status"] == shown["status"]:
                raise
        return True

    def offered(self) -> list[str]:
        """The open batch of numbers; while the register has opened none yet, asked again."""
        offer = self.stage.until("numbers are offered", self._offer)
        return list(offer["numbers"])

    def chooses(self, number: str = "") -> str:
        """Choose a number, the first on offer if none is named."""
        chosen = number or self.offered()[0]
        self.wire.put(self._at("number"), {"number": chosen})
        self.stage.tell(f"chose {chosen}")
        return chosen

    def gives_address(self) -> None:
        self.wire.put(self._at("delivery-address"), {"address": ADDRESS})

    def orders_payment(self) -> Case:
        """Open the order for the fee."""
        if not self.case().get("address_kept_at"):
            self.gives_address()
        order: Case = self.wire.post(self._at("payments"))
        return order

    def pays(self) -> str:
        """Pay the open order at the bank: PAID or DECLINED."""
        order = self.orders_payment()
        state = self.stage.until("the bank knows the order", lambda: self._bank(order))
        self.stage.tell(f"{state.lower()} {order['amount_fen'] / 100:.2f} CNY")
        return state

    def withdraws(self) -> None:
        self.wire.post(self._at("withdrawal"))
        self.stage.tell("withdrew")

    def disputes(self, kind: str, field: str, reason: str = "WRONG_PERSON") -> Case:
        """Tell an agency that what it said is wrong."""
        doubt = {"kind": kind, "field": field, "reason": reason}
        told: Case = self.wire.post(self._at("disputes"), doubt)
        self.stage.tell(f"disputed {kind} {field}")
        return told

    def corrects(self, **entries: Any) -> Case:
        """Correct own entries in place."""
        corrected: Case = self.wire.patch(self._at("entries"), {"entries": entries})
        return corrected

    def books_inspection(self) -> Case:
        """Book the first free time anywhere."""
        sites = self.wire.get("/v1/inspection-slots")["sites"]
        at = next(
            {"site_id": site["site_id"], "day": site["day"], "at": slot["at"]}
            for site in sites
            for slot in site["slots"]
            if slot["free"]
        )
        booked: Case = self.wire.post(self._at("inspection-appointment"), at)
        self.stage.tell(f"booked {at['site_id']}, {at['day']} {at['at']}")
        return booked

    # What an owner sees.

    def vehicles(self) -> list[Case]:
        """The owner's registered cars."""
        return list(self.wire.get("/v1/me/vehicles")["vehicles"])

    def case(self) -> Case:
        seen: Case = self.wire.get(self._at(""))
        return seen

    def progress(self) -> Case:
        seen: Case = self.wire.get(self._at("progress"))
        return seen

    def reaches(
        self, *statuses: str, patience: float = PATIENCE_SECONDS, going_on: bool = True
    ) -> Case:
        """The case once it has one of these statuses.

        On the way the owner does what is asked of every owner (sign, choose, pay), unless
        `going_on` is false or that is where to stop. Raises EndedWrongly with the reasons when
        the case ends otherwise or comes nowhere.
        """
        done: set[str] = set()
        last: list[Case] = []

        def look() -> Case | None:
            case = self.case()
            last[:] = [case]
            status = case["status"]
            if status in statuses:
                return case
            if status in ENDED:
                raise EndedWrongly(f"{' or '.join(statuses)}: {_told(case)}")
            if going_on and status in ROUTINE and status not in done:
                done.add(status)
                ROUTINE[status](self, case)
            return None

        try:
            return self.stage.until(" or ".join(statuses), look, patience=patience)
        except EndedWrongly as late:
            seen = _told(last[0]) if last else "the case was never seen"
            raise EndedWrongly(f"{late}; {seen}") from None

    def holds(self, what: str, path: str) -> Any:
        """Something the owner may read under /v1."""
        self.stage.tell(f"reads {what}")
        return self.wire.get(path)

    # How.

    def _filed(self, filed: Mapping[str, Any]) -> str:
        self.application_id = str(filed["application_id"])
        self.stage.filed(self.application_id, self)
        return self.application_id

    def _file(self, entries: Mapping[str, Any]) -> Case | None:
        try:
            filed: Case = self.wire.post(
                "/v1/new-car-registrations", {"vin": self.car.vin, **entries}
            )
        except Refused as no:
            # Identity and invoice reach the office a moment after they came to be.
            if no.code in {"VR-208", "VR-312"}:
                return None
            raise
        return filed

    def _offer(self) -> Case | None:
        try:
            offer: Case = self.wire.post(self._at("offers"))
        except Refused as no:
            if no.code == "VR-404":
                return None
            raise
        return offer

    def _bank(self, order: Mapping[str, Any]) -> str | None:
        try:
            return self.stage.sandbox.pay(order["payment_id"])
        except Refused as no:
            if no.status == 404:
                return None
            raise

    def _at(self, what: str) -> str:
        path = f"/v1/applications/{self.application_id}"
        return f"{path}/{what}" if what else path


def _sign_and_choose(owner: Owner, case: Case) -> None:
    if not case.get("signed_at"):
        owner.signs()
    if case["service"] == "new_car" and not case.get("number"):
        owner.chooses()


def _pay(owner: Owner, _case: Case) -> None:
    owner.pays()


def _wait_for_review(owner: Owner, _case: Case) -> None:
    approve_sampled(owner.stage, owner.application_id)


ROUTINE: Mapping[str, Callable[[Owner, Case], None]] = {
    "awaiting_owner": _sign_and_choose,
    "awaiting_fee": _pay,
    "reviewing": _wait_for_review,
}


def _told(case: Mapping[str, Any]) -> str:
    codes = [each["code"] for each in case.get("reasons", [])]
    return f"the case is {case['status']}{' because of ' + ', '.join(codes) if codes else ''}"
