"""Keys are rotated while messages come in, and a killed one counts no more within half a minute."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chepai.edge import webhook
from chepai.edge.key_rings import KEPT_FOR
from chepai.edge.webhook_signature import Key, sign
from chepai.partners.directory import HOOKS
from chepai.records.aws import client
from chepai_sandbox import keys as sandbox_keys
from chepai_sandbox.keys import KEYS
from infra import partner_keys
from infra.partner_keys import CannotBeDone, Keys
from infra.partners_registry import publish
from tests.functions.conftest import PLACE
from tests.functions.partners.test_hooks import INVOICE, code, event, message

BEGAN = datetime.now(UTC).replace(microsecond=0)
TAX = "tax-qingdao"
# Longer than the test: what keeps a stolen key out is that it was killed.
OVERLAP = timedelta(hours=24)


class Clock:
    """The time at which everybody in the test lives."""

    def __init__(self) -> None:
        self.at = BEGAN

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(webhook, "now", made)
    monkeypatch.setattr(sandbox_keys, "now", made)
    return made


@pytest.fixture
def keys(city, monkeypatch) -> Keys:
    for word in sorted(set(HOOKS.values())):
        city.find(f"secret/keys-{word}")
    monkeypatch.setenv("SANDBOX_KEYS_SECRET_ARN", city.find("secret/sandbox-keys"))
    publish(PLACE, hooks="https://h", sandbox="https://s", makers={"BYD": "LGX"}, client=client)
    return Keys(PLACE, client)


def kids(keys: Keys, partner: str = TAX) -> list[str]:
    return [row["kid"] for row in keys.known(partner)]


def said(clock: Clock, nth: int, ring: list[Key], *, at: datetime | None = None) -> dict:
    """A message of the tax office, signed as the simulated partner signs: by all its keys."""
    car = {"vin": f"LZWADAGA1SB{nth:06d}"}
    body = message("invoice.issued", INVOICE | car, at or clock.at)
    signer = next(key for key in ring if key.holds(clock.at, "out"))
    sent = event(body, TAX, signer, message_id=f"msg_{nth}", at=clock.at)
    sent["headers"] |= sign(ring, f"msg_{nth}", body, now=clock.at)
    return sent


def rows_in(keys: Keys, secret: str) -> list[dict]:
    kept = client("secretsmanager").get_secret_value(SecretId=PLACE.name(secret))
    return list(json.loads(kept["SecretString"])[TAX])


def test_evidence_is_signed_with_a_key_of_the_partners_own(keys):
    rows = keys.known()
    assert {row["alg"] for row in rows if row["partner"] not in {"sms-first", "sms-second"}} == {
        "ed25519"
    }
    assert {row["alg"] for row in rows if row["partner"] == "sms-first"} == {"hmac-sha256"}
    assert all("public" in row for row in rows if row["alg"] == "ed25519")
    assert all(set(row) <= {"partner_id", "partner", "kid", "alg", "from", "until", "killed",
                            "public"} for row in rows)  # fmt: skip
    held = [each for each in rows_in(keys, "keys-tax") if each["use"] == "in"]
    assert all(each["secret"].startswith("whpk_") for each in held)


def test_a_city_of_before_gets_the_keys_that_evidence_needs(keys, city):
    secret = f"whsec_{b64encode(b'o' * 32).decode()}"
    old = {"kid": "old", "secret": secret, "from": BEGAN.isoformat(), "until": None, "use": "in"}
    city.write_secret("keys-tax", {TAX: [old]})
    publish(PLACE, hooks="https://h", sandbox="https://s", makers={}, client=client)
    ring = rows_in(keys, "keys-tax")
    assert [each["until"] is None for each in ring if each["use"] == "in"] == [False, True]
    before = kids(keys)
    publish(PLACE, hooks="https://h", sandbox="https://s", makers={}, client=client)
    assert kids(keys) == before


def test_ten_rotations_amid_traffic_refuse_nothing_and_let_no_killed_key_in(keys, clock, city):
    hear = city.function("partners", "hear_tax")
    refused, let_in, tried, heard = 0, 0, 0, 0
    stolen: list[tuple[Key, datetime]] = []
    for nth in range(10):
        before = [key for key in KEYS.published().rings[TAX] if key.use == "out"]
        keys.rotate(TAX, clock.at, OVERLAP)
        for second in range(0, 90, 15):
            clock.pass_by(15)
            ring = list(KEYS.published().rings[TAX])
            heard += 1
            refused += hear(said(clock, heard, ring))["statusCode"] != 202
            if second == 45:
                # The old key was stolen.
                keys.kill(TAX, before[-1].kid, clock.at)
                old = before[-1]
                stolen.append((Key(old.kid, old.secret, BEGAN - OVERLAP), clock.at))
            for key, killed_at in stolen[-2:]:
                if clock.at - killed_at > KEPT_FOR:
                    tried += 1
                    forged = said(clock, 10_000 + tried, [key])
                    let_in += hear(forged)["statusCode"] == 202
        assert len(kids(keys)) == nth + 2
    assert (refused, let_in) == (0, 0)
    assert heard == 60
    assert tried > 50
    # A killed key may say what hour it likes.
    key, killed_at = stolen[-1]
    clock.at = killed_at + KEPT_FOR * 2
    assert code(hear(said(clock, 99_999, [key], at=killed_at)))[0] == 401


def test_a_partner_hands_over_its_own_key(keys, clock, city):
    private = Ed25519PrivateKey.generate()
    public = f"whpk_{b64encode(private.public_key().public_bytes_raw()).decode()}"
    theirs = Key("tax-2027", f"whsk_{b64encode(private.private_bytes_raw()).decode()}", BEGAN)
    hear = city.function("partners", "hear_tax")
    assert code(hear(said(clock, 1, [theirs])))[0] == 401
    keys.add(TAX, "tax-2027", public, clock.at)
    clock.pass_by(4)
    assert hear(said(clock, 1, [theirs]))["statusCode"] == 202
    keys.end(TAX, "tax-2027", clock.at + timedelta(seconds=60))
    clock.pass_by(61)
    assert code(hear(said(clock, 2, [theirs])))[0] == 401
    (ended,) = (each for each in keys.known(TAX) if each["kid"] == "tax-2027")
    assert "until" in ended
    for kid, given in (("tax-2027", public), ("x", "whpk_AAAA"), ("x", "whsec_" + "A" * 43 + "=")):
        with pytest.raises(CannotBeDone):
            keys.add(TAX, kid, given, clock.at)
    with pytest.raises(CannotBeDone, match="no partner"):
        keys.kill("nobody", "x", clock.at)
    with pytest.raises(CannotBeDone, match="no key"):
        keys.kill(TAX, "x", clock.at)


def test_the_command_says_what_it_did_and_what_it_could_not(keys, monkeypatch, capsys):
    monkeypatch.setattr(partner_keys, "reached", lambda _said: (PLACE, client))
    (kid,) = kids(keys)
    assert partner_keys.main(["rotate", TAX, "--overlap", "1"]) == 0
    assert partner_keys.main(["kill", TAX, kid]) == 0
    assert partner_keys.main(["kill", TAX, "unknown"]) == 1
    assert partner_keys.main(["list", TAX]) == 0
    told = capsys.readouterr().out
    assert "refused everywhere within 30 s" in told
    assert "Not done: tax-qingdao has no key unknown" in told
    assert f"{kid:<48}ed25519" in told
    assert "killed" in told
