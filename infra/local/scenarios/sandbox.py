"""The sandbox's own API: cars and people invented on demand, their sign-in, their bank."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

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

    def staff_token(
        self, staff_id: str, *roles: str, unit: str = "vmo-main", person_id: str | None = None
    ) -> str:
        """A member of staff enters the office and signs in with password and key."""
        key = signing_key(staff_id)
        password = f"the password of {staff_id}"
        public = base64url(key.public_key().public_bytes_raw())
        self._wire.post(
            "/sandbox/identity/staff",
            {
                "staff_id": staff_id,
                "roles": list(roles),
                "unit": unit,
                "person_id": person_id,
                "password": password,
                "key": {"kty": "OKP", "crv": "Ed25519", "x": public},
            },
        )
        asked = {"staff_id": staff_id, "password": password}
        challenge = self._wire.post("/sandbox/identity/staff/challenges", asked)["challenge"]
        signed = key.sign(f"chepai sign-in\n{staff_id}\n{challenge}".encode())
        said = {"staff_id": staff_id, "challenge": challenge, "signature": base64url(signed)}
        return str(self._wire.post("/sandbox/identity/staff/token", said)["access_token"])

    def pay(self, payment_id: str) -> str:
        """What the citizen does at their bank: PAID or DECLINED."""
        return str(self._wire.post(f"/sandbox/payments/{payment_id}/pay")["status"])


def signing_key(staff_id: str) -> Ed25519PrivateKey:
    """The same key each time, so that a member who comes again is known."""
    return Ed25519PrivateKey.from_private_bytes(sha256(staff_id.encode()).digest())


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
