"""The heart of a sandbox city: one application a service, over HTTP, as a citizen's phone files it.

A car is made and its invented owner signs in; the office verifies it by its own machines and the
simulated partners; then the owner withdraws, before there is a number or a fee, and the way back
is walked to its end. A reissue is filed for that same car and has to be refused as not registered.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import urllib3

from chepai.domain.heartbeat import PREFIX
from chepai.edge.ids import new_id
from chepai.edge.observing import count, tell
from chepai_sandbox.keys import KEYS

SECONDS = 150.0
"""How long one application may take to where it is withdrawn, and from there to its end."""
PAUSE_SECONDS = 1.0
_NOT_REGISTERED = "VR-312"
BEATS: Mapping[str, str] = {"new_car": "HeartbeatNewCar", "certificate_reissue": "HeartbeatReissue"}
"""The figure that each service's beat is reported by; silence calls somebody."""


class Skipped(Exception):
    """The heart missed a beat; the message names the place and no content."""


@dataclass(frozen=True)
class Phone:
    """HTTP at one address."""

    url: str
    token: str = ""

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        headers = {"content-type": "application/json", "idempotency-key": token_hex(16)}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        answer = _POOL.request(
            method,
            f"{self.url}{path}",
            body=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            headers=headers,
            redirect=False,
            retries=False,
            timeout=urllib3.Timeout(connect=5, read=30),
        )
        said = json.loads(answer.data) if answer.data else {}
        return answer.status, said if isinstance(said, dict) else {}

    def must(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        status, said = self.ask(method, path, body)
        if status >= 400:
            raise Skipped(f"{method} {path.split('/app_', maxsplit=1)[0]}: {status}")
        return said


_POOL = urllib3.PoolManager(maxsize=2)


def beat() -> dict[str, str]:
    """One beat of each service; what became of it by service. A beat that fails stops no other."""
    owner, vin = _owner()
    told = {}
    beats: Mapping[str, Callable[[Phone, str], None]] = {
        "new_car": _new_car,
        "certificate_reissue": _reissue,
    }
    for service, walk in beats.items():
        try:
            walk(owner, vin)
            count(BEATS[service], 1)
            told[service] = "well"
        except (Skipped, urllib3.exceptions.HTTPError, ValueError, LookupError) as missed:
            told[service] = str(missed) if isinstance(missed, Skipped) else type(missed).__name__
        tell("beat", type=service, outcome=told[service])
    return told


def _owner() -> tuple[Phone, str]:
    """Somebody who is nobody, another one each time, with a car of theirs."""
    sandbox = Phone(os.environ["SANDBOX_URL"].rstrip("/"))
    person_id = PREFIX + new_id("")[-(30 - len(PREFIX)) :]
    car = sandbox.must("POST", "/sandbox/worlds", {"person": {"person_id": person_id}})
    signed_in = sandbox.must(
        "POST", "/sandbox/identity/token", {"person_id": person_id, "methods": ["FACE", "NET_ID"]}
    )
    parts = urlsplit(KEYS.published().base_url)
    office = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    return Phone(office, str(signed_in["access_token"])), str(car["vin"])


def _new_car(owner: Phone, vin: str) -> None:
    _until("known", lambda: _known(owner, vin))
    filed = owner.must("POST", "/v1/new-car-registrations", {"vin": vin})
    path = f"/v1/applications/{filed['application_id']}"
    _until("verified", lambda: _stands(owner, path, "awaiting_owner"))
    owner.must("POST", f"{path}/withdrawal")
    _until("withdrawn", lambda: _stands(owner, path, "withdrawn"))


def _known(owner: Phone, vin: str) -> bool:
    """Identity and invoice reach the office a moment after they came to be."""
    status, said = owner.ask("GET", "/v1/me/invoices")
    if status >= 400 and said.get("code") != "VR-208":
        raise Skipped(f"invoices: {status} {said.get('code', '')}")
    return vin in json.dumps(said.get("invoices", []))


def _stands(owner: Phone, path: str, wanted: str) -> bool:
    status = str(owner.must("GET", path)["status"])
    if status != wanted and status in {
        "closed",
        "withdrawn",
        "rejected",
        "not_accepted",
        "expired",
    }:
        raise Skipped(f"ended: {status}")
    return status == wanted


def _reissue(owner: Phone, vin: str) -> None:
    """Filed for a car that is not registered: the path up to the register of our own, and no."""
    status, said = owner.ask("POST", "/v1/certificate-reissues", {"vin": vin, "reason": "LOST"})
    if not (400 <= status < 500 and said.get("code") == _NOT_REGISTERED):
        raise Skipped(f"reissue: {status} {said.get('code', '')}")


def _until(what: str, look: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not look():
        if time.monotonic() > end:
            raise Skipped(f"not {what} in time")
        time.sleep(PAUSE_SECONDS)
