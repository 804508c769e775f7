"""The sandbox's own API: cars and people invented on demand, their sign-in, their bank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.local.scenarios.wire import Wire


@dataclass(frozen=True)
class Car:
    """A car that was built, sold, taxed and insured for an invented person."""

    vin: str
    maker: str
    model: str
    energy: str
    person: Mapping[str, str]
    certificate_no: str
    invoice_no: str
    price_fen: int

    @property
    def person_id(self) -> str:
        return self.person["person_id"]


class Sandbox:
    """Speaks to the simulated partners and the identity provider."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def car(self, **wanted: Any) -> Car:
        """A world as `functions/sandbox/make_world` takes it."""
        return Car(**self._wire.post("/sandbox/worlds", wanted))

    def happens(self, car: Car, event: str, **more: Any) -> None:
        """Let something happen to a car: stolen, invoice_reversed, tax_paid …"""
        self._wire.post(f"/sandbox/worlds/{car.vin}/events", {"event": event, **more})

    def partners_behave(self, car: Car, **script: Mapping[str, Any]) -> None:
        """Change how the partners behave about this car from now on."""
        self._wire.post(f"/sandbox/worlds/{car.vin}/events", {"script": script})

    def citizen_token(self, person_id: str, methods: Sequence[str] = ("FACE", "NET_ID")) -> str:
        said = {"person_id": person_id, "methods": list(methods)}
        return str(self._wire.post("/sandbox/identity/token", said)["access_token"])

    def staff_token(self, staff_id: str, *roles: str, unit: str = "vmo-main") -> str:
        said = {
            "staff_id": staff_id,
            "roles": list(roles),
            "unit": unit,
            "factors": ["password", "device"],
        }
        return str(self._wire.post("/sandbox/identity/token", said)["access_token"])

    def pay(self, payment_id: str) -> str:
        """What the citizen does at their bank: PAID or DECLINED."""
        return str(self._wire.post(f"/sandbox/payments/{payment_id}/pay")["status"])
