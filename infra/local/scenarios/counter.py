"""Somebody at a counter: a clerk serves them with the citizen's own routes, in a session."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any, Self

from infra.local.scenarios.owner import ADDRESS, Case, Owner
from infra.local.scenarios.sandbox import Car
from infra.local.scenarios.stage import Stage
from infra.local.scenarios.wire import Refused, Reply, Wire

PAD = [[10, 80, 14, 20, 18, 78], [30, 40, 60, 42], [45, 20, 44, 90]]
"""A signature as the pad tells it."""
NO_READING_YET = "VR-221"


class ServedWire(Wire):
    """The line of a clerk who serves somebody: each request says whom, and in which session."""

    served: Mapping[str, str] = {}

    def serving(self, person_id: str, session_id: str) -> Self:
        made = self.signed_in(self._token)
        made.served = {"on-behalf-of": person_id, "counter-session": session_id}
        return made

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        return super().ask(method, path, body, {**(headers or {}), **self.served})


class Desk:
    """One desk with its clerk and its card reader; `named` is the clerk as the ledger has them."""

    def __init__(self, stage: Stage, staff_id: str, unit: str) -> None:
        self.stage, self.staff_id = stage, staff_id
        token = stage.sandbox.staff_token(staff_id, "clerk", unit=unit)
        self.wire = ServedWire(stage.url).signed_in(token)
        claims = token.split(".")[1]
        self.named = str(json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"])

    def opens(self, person_id: str, **more: Any) -> Case:
        """Read the card of who sits there and open a session."""
        card = {"person_id": person_id, "method": "ID_CHIP"}
        read = self.stage.wire.post("/sandbox/id-reader/readings", card)
        said = {"person_id": person_id, "reading": read["reading"], "present": True,
                "consent": "SPOKEN", **more}  # fmt: skip

        def look() -> Case | None:
            try:
                opened: Case = self.wire.post("/v1/staff/sessions", said)
            except Refused as no:
                # The police's word on the reading comes a moment after it.
                if no.code == NO_READING_YET:
                    return None
                raise
            return opened

        session = self.stage.until("the police tell whose card it is", look)
        self.stage.tell(f"{self.staff_id} serves {session['person']['name_masked']}")
        return session

    def closes(self, session: Mapping[str, Any]) -> Case:
        closed: Case = self.wire.delete(f"/v1/staff/sessions/{session['session_id']}")
        self.stage.tell(f"session closed after {closed['minutes']} minutes")
        return closed

    def day(self) -> Case:
        """What the desk took today."""
        taken: Case = self.wire.get("/v1/staff/takings")
        return taken

    def counts(self, day: str, counted_fen: int) -> Case:
        counted: Case = self.wire.post(
            f"/v1/staff/takings/{day}/count", {"counted_fen": counted_fen}
        )
        return counted


class Served(Owner):
    """Somebody without a phone: all that an owner does, a clerk does for them."""

    def __init__(self, stage: Stage, car: Car) -> None:
        self.stage, self.car, self.application_id = stage, car, ""
        self.receipts: list[Case] = []
        self._desk: Desk | None = None

    def sits_at(self, desk: Desk, session: Mapping[str, Any]) -> None:
        """From here on this desk serves them."""
        self._desk = desk
        self.wire = desk.wire.serving(self.car.person_id, str(session["session_id"]))

    def signs(self) -> None:
        """Every line is read out, then they sign on the pad with their own hand."""
        digest = self.case()["confirmation"]["digest"]
        read = {"digest": digest, "read_out": True, "strokes": PAD}
        self._at_the_desk("read-back", read)
        self.stage.tell("read back and signed on the pad")
        super().signs()

    def gives_address(self) -> None:
        # Who has no telephone names somebody whom the courier may call.
        where = {"address": ADDRESS, "phone": "13900000000"}
        self.wire.put(self._at("delivery-address"), where)

    def pays(self) -> str:
        """In cash, with a banknote that is larger than the fee."""
        fee = self.orders_payment()["amount_fen"]
        notes = -(-fee // 10_000) * 10_000
        taken = {"method": "CASH", "amount_fen": fee, "handed_fen": notes}
        receipt = self._at_the_desk("takings", taken)
        self.receipts.append(receipt)
        self.stage.tell(
            f"paid {fee / 100:.2f} CNY in cash, {receipt['change_fen'] / 100:.2f} back, "
            f"receipt {receipt['receipt_no']}"
        )
        return "PAID"

    def counter_code(self) -> str:
        """The code of the printed slip, for any other counter."""
        return str(self.wire.post(self._at("counter-codes"))["code"])

    def _at_the_desk(self, what: str, body: Mapping[str, Any]) -> Case:
        path = f"/v1/staff/applications/{self.application_id}/{what}"
        said: Case = self.wire.post(path, body)
        return said
