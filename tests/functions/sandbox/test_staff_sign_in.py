"""How staff sign in at the sandbox's issuer: two factors, a lock, a session that ends."""

import json
import re
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from chepai.edge import token_claims
from infra.local.scenarios.sandbox import base64url, signing_key

WHO, PASSWORD = "sta_reviewer_1", "a long enough password"


class Issuer:
    """The issuer's entries, at a time that the test says."""

    def __init__(self, city, monkeypatch) -> None:
        self._city = city
        self._at = datetime.now(UTC)
        monkeypatch.setattr("chepai_sandbox.staff.now", lambda: self._at)
        monkeypatch.setattr("chepai_sandbox.identity.now", lambda: self._at)
        monkeypatch.setattr(token_claims, "now", lambda: self._at)
        assert self.enter() == 201

    def call(self, name, body):
        answer = self._city.function("sandbox", name)({"body": json.dumps(body)})
        return answer["statusCode"], json.loads(answer["body"])

    def enter(self, *, roles=("reviewer",), key=None, **more):
        x = base64url(signing_key(WHO).public_key().public_bytes_raw())
        body = {"staff_id": WHO, "roles": list(roles), "password": PASSWORD,
                "key": key or {"kty": "OKP", "crv": "Ed25519", "x": x}, **more}  # fmt: skip
        return self.call("enter_staff", body)[0]

    def challenge(self, password=PASSWORD, who=WHO):
        return self.call("challenge_staff", {"staff_id": who, "password": password})

    def answer(self, challenge, sign=None, who=WHO):
        text = f"chepai sign-in\n{who}\n{challenge}".encode()
        signature = (sign or signing_key(WHO).sign)(text)
        body = {"staff_id": who, "challenge": challenge, "signature": base64url(signature)}
        return self.call("sign_in_staff", body)

    def sign_in(self, **more):
        return self.answer(self.challenge()[1]["challenge"], **more)

    def renew(self, word):
        return self.call("renew_session", {"refresh_token": word})

    def later(self, **by):
        self._at += timedelta(**by)

    def passes(self, token):
        """What the edge takes from a token, as the gateway hands it on."""
        return token_claims.roles_of(claims(token), ("reviewer",))


def claims(answer):
    opened = json.loads(urlsafe_b64decode(answer["access_token"].split(".")[1] + "=="))
    said = {name: str(value) for name, value in opened.items()}
    return said | {"amr": "[" + " ".join(opened["amr"]) + "]"}


@pytest.fixture
def issuer(city, monkeypatch):
    return Issuer(city, monkeypatch)


def test_a_password_and_a_signed_challenge_begin_a_session(issuer):
    status, session = issuer.sign_in()
    assert status == 200
    said = claims(session)
    assert (said["scope"], said["amr"]) == ("reviewer", "[pwd swk]")
    assert session["expires_in"] == 15 * 60
    assert issuer.passes(session) == {"reviewer"}


def test_a_token_names_a_member_by_what_nobody_guesses_and_always_the_same(issuer):
    _, first = issuer.sign_in()
    issuer.enter(roles=("clerk",))
    _, second = issuer.sign_in()
    (subject,) = {claims(each)["sub"] for each in (first, second)}
    assert re.fullmatch(r"sta_[0-9a-f]{32}", subject)
    assert WHO not in str(claims(second))
    assert sha256(WHO.encode()).hexdigest()[:12] not in subject


def test_who_a_member_is_as_a_citizen_is_in_the_token_where_it_is_known(issuer):
    assert "person" not in claims(issuer.sign_in()[1])
    person = "per_" + "7" * 26
    assert issuer.enter(person_id=person) == 201
    _, session = issuer.sign_in()
    assert claims(session)["person"] == person
    assert claims(issuer.renew(session["refresh_token"])[1])["person"] == person


def test_a_browsers_key_signs_in_as_well(issuer):
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    x, y = (base64url(part.to_bytes(32)) for part in (numbers.x, numbers.y))
    issuer.enter(key={"kty": "EC", "crv": "P-256", "x": x, "y": y})

    def sign(text):
        r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    assert issuer.sign_in(sign=sign)[0] == 200
    assert issuer.sign_in()[0] == 401


@pytest.mark.parametrize("roles", [
    ("system_admin", "security_admin"), ("audit_admin", "system_admin"),
    ("security_admin", "audit_admin"), ("audit_admin", "supervisor"), ("citizen",), ("king",),
])  # fmt: skip
def test_roles_that_nobody_may_hold_are_not_entered(issuer, roles):
    assert issuer.enter(roles=roles) == 422


def test_a_challenge_is_answered_once_and_in_time(issuer):
    challenge = issuer.challenge()[1]["challenge"]
    assert issuer.answer(challenge)[0] == 200
    assert issuer.answer(challenge)[0] == 401
    late = issuer.challenge()[1]["challenge"]
    issuer.later(seconds=121)
    assert issuer.answer(late)[0] == 401
    assert issuer.answer("invented")[0] == 401


def test_five_wrong_tries_lock_for_half_an_hour(issuer):
    assert [issuer.challenge("wrong")[0] for _ in range(6)] == [401] * 5 + [423]
    assert issuer.challenge()[0] == 423
    issuer.later(minutes=29)
    assert issuer.challenge()[0] == 423
    issuer.later(minutes=2)
    assert issuer.sign_in()[0] == 200
    assert [issuer.challenge("wrong")[0] for _ in range(4)] == [401] * 4
    assert issuer.sign_in()[0] == 200


def test_wrong_signatures_lock_as_well(issuer):
    wrong = [issuer.sign_in(sign=lambda _: b"x" * 64)[0] for _ in range(6)]
    assert wrong == [401] * 5 + [423]


def test_nobody_is_told_who_works_here(issuer):
    assert issuer.challenge(who="sta_nobody") == issuer.challenge("wrong")


def test_a_session_goes_on_while_it_is_used_and_ends_after_eight_hours(issuer):
    _, session = issuer.sign_in()
    for _ in range(31):
        issuer.later(minutes=15)
        status, session = issuer.renew(session["refresh_token"])
        assert status == 200
        assert issuer.passes(session)
    issuer.later(minutes=14)
    status, session = issuer.renew(session["refresh_token"])
    assert (status, session["expires_in"]) == (200, 60)
    issuer.later(minutes=2)
    assert issuer.renew(session["refresh_token"])[0] == 401


def test_an_idle_session_is_over(issuer):
    _, session = issuer.sign_in()
    issuer.later(minutes=31)
    assert issuer.renew(session["refresh_token"])[0] == 401


def test_an_ended_session_and_that_of_a_suspended_member_are_over(issuer):
    _, session = issuer.sign_in()
    assert issuer.call("end_session", {"refresh_token": session["refresh_token"]})[0] == 204
    assert issuer.renew(session["refresh_token"])[0] == 401
    _, session = issuer.sign_in()
    issuer.enter(suspended=True)
    assert issuer.renew(session["refresh_token"])[0] == 401
    assert issuer.challenge()[0] == 401


def test_a_word_used_twice_ends_the_session_for_both(issuer):
    _, session = issuer.sign_in()
    status, next_one = issuer.renew(session["refresh_token"])
    assert status == 200
    assert issuer.renew(session["refresh_token"])[0] == 401
    assert issuer.renew(next_one["refresh_token"])[0] == 401
