"""Hostile bodies through every route that takes one: refused as 4xx, never a fault of ours."""

import json
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chepai.domain.application import Application
from chepai.edge import flooding, on_behalf
from chepai.edge.api import BODY_LIMIT
from chepai.edge.roles import AT_A_COUNTER, CITIZEN, ROUTES, is_signed
from chepai.edge.webhook_signature import Key, sign
from chepai.records.sessions import Sessions
from tests.claims import claims_of
from tests.functions.citizen.office import PERSON, Office
from tests.functions.conftest import PLACE, a_city
from tests.functions.edge.gateway import Gateway, Issuer, a_body, placeholders
from tests.functions.edge.json_corpus import BAD, GOOD

WRITES = ("POST", "PUT", "PATCH")
# What only the office sets: in no body, under no name.
OFFICES_WORDS = """
    roles role scope aal unit sub caller actor at seq hash prev kid digest partner received_at
    holder allowed price_fen paid refunded blind_id banned_until owner is_admin _id __class__
"""
SERVER_OWNED = sorted({*Application.__dataclass_fields__, *OFFICES_WORDS.split()})
NEVER = """
    person_id status legal_end accepted_at fee_fen fee_state roles queue_shard due_at person
    profile_version chain_head payment_id
"""
SINCE = datetime.now(UTC) - timedelta(days=1)


class Bodies:
    """Every function that takes a body, called by somebody who may."""

    def __init__(self, city, patch) -> None:
        self.office = Office(city, patch)
        self.application_id = self.office.file()
        self.gateway = Gateway(city, Issuer())
        # A partner that sends so much at once is told to wait; that has a test of its own.
        patch.setattr(flooding, "AT_ONCE", 1_000_000)
        self.ring: dict[str, Key] = {}
        for key in self.gateway.routes:
            if is_signed(key):
                self._sign_for(city, key)
        for machine in ("NEW_CAR", "CERTIFICATE_REISSUE"):
            patch.setenv(f"{machine}_MACHINE_ARN", self.office.machine)
        self.at_the_desk = self._somebody_sits_down(city)
        self.taking = sorted(k for k in self.gateway.routes if k.split(" ")[0] in WRITES)

    def _sign_for(self, city, key: str) -> None:
        word = key.split("/")[2]
        private = Ed25519PrivateKey.generate()
        secret, public = private.private_bytes_raw(), private.public_key().public_bytes_raw()
        self.ring[key] = Key(f"k-{word}", f"whsk_{b64encode(secret).decode()}", SINCE)
        row = {"kid": f"k-{word}", "secret": f"whpk_{b64encode(public).decode()}",
               "from": SINCE.isoformat(), "until": None}  # fmt: skip
        city.write_secret(f"keys-{word}", {"anybody": [row]})

    def _somebody_sits_down(self, city) -> dict[str, str]:
        """The headers of a clerk's session: without one, a desk's routes look at no body."""
        row = {"session_id": "cse_" + "0" * 26, "staff_id": "sta_body", "person_id": PERSON,
               "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}  # fmt: skip
        Sessions(PLACE.name("sessions")).put(row, when="attribute_not_exists(session_id)")
        # Who asks for a session keeps the table that it was first asked of.
        on_behalf._sessions.cache_clear()
        return {on_behalf.HEADER: PERSON, on_behalf.SESSION: row["session_id"]}

    def send(self, key: str, raw: bytes) -> tuple[int, dict]:
        roles = ROUTES[key]
        named = dict.fromkeys(placeholders(key), "anybody") | {
            "application_id": self.application_id
        }
        claims, headers = {}, {}
        if is_signed(key):
            headers = sign([self.ring[key]], f"msg_{time.time_ns()}", raw, now=datetime.now(UTC))
        elif roles:
            role = CITIZEN if CITIZEN in roles else roles[0]
            claims = claims_of(PERSON if role == CITIZEN else "sta_body", role)
            if key in AT_A_COUNTER and CITIZEN not in roles:
                headers = self.at_the_desk
        answer = self.gateway.behind(
            key, claims, raw=b64encode(raw).decode(), path=named, headers=headers, encoded=True
        )
        return answer["statusCode"], json.loads(answer.get("body") or "{}")


@pytest.fixture(scope="module")
def bodies():
    with pytest.MonkeyPatch.context() as patch, a_city(patch) as city:
        yield Bodies(city, patch)


def test_no_hostile_text_is_a_fault_of_ours_on_any_route(bodies, capsys):
    assert len(BAD) + len(GOOD) >= 318
    wrong, sent = [], 0
    for key in bodies.taking:
        for raw in BAD:
            status, answer = bodies.send(key, raw)
            sent += 1
            if (status, answer.get("code")) != (400, "VR-101"):
                wrong.append((key, raw[:40], status, answer.get("code")))
        for raw in GOOD:
            status, answer = bodies.send(key, raw)
            sent += 1
            if status >= 500 or answer.get("code") == "VR-101":
                wrong.append((key, raw[:40], status, answer.get("code")))
    with capsys.disabled():
        print(
            f"\nbodies: {len(BAD)} bad and {len(GOOD)} good on {len(bodies.taking)} routes: {sent}"
        )
    assert wrong == []


def test_what_the_office_sets_nobody_sends(bodies, capsys):
    wrong, sent = [], 0
    for key in bodies.taking:
        model = bodies.gateway.routes[key][2].body
        known = a_body(model)
        for field in SERVER_OWNED:
            if field in model.model_fields:
                continue
            status, answer = bodies.send(key, json.dumps(known | {field: 1}).encode())
            sent += 1
            told = {(each["field"], each["code"]) for each in answer.get("fields", ())}
            if status != 422 or (field, "extra_forbidden") not in told:
                wrong.append((key, field, status))
    with capsys.disabled():
        print(f"\nserver-owned fields: {sent} injected")
    assert wrong == []


def test_no_model_takes_what_names_an_owner_or_a_state(bodies):
    """Fields that decide whose a case is and where it stands are in no model at all."""
    never = set(NEVER.split())
    for key in bodies.taking:
        if not is_signed(key) and "/staff/" not in key:
            assert not never & set(bodies.gateway.routes[key][2].body.model_fields), key


def test_too_much_is_too_much_everywhere(bodies):
    for key in bodies.taking:
        limit = 256 * 1024 if is_signed(key) else BODY_LIMIT
        status, answer = bodies.send(key, b'{"a":"' + b"x" * limit + b'"}')
        assert (status, answer["code"]) == (413, "VR-102"), key
