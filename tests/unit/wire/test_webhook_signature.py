"""The signature check: what passes, what is refused, and that nothing else ever comes out."""

import os
import random
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from chepai.domain.refusals import SignatureForged, SignatureStale
from chepai.edge.webhook_signature import REPLAY_WINDOW, Key, read_rings, sign, verify

NOW = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=100)
BODY = '{"type":"invoice.issued","data":{"name":"买买提·热合曼"}}'.encode()
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)


def shared(kid: str = "k1", seed: bytes = b"\x01", **span) -> Key:
    secret = f"whsec_{b64encode(seed * 32).decode()}"
    return Key(kid, secret, span.pop("valid_from", LONG_AGO), **span)


def ed25519(*, public: bool) -> Key:
    raw = PRIVATE.public_key().public_bytes_raw() if public else PRIVATE.private_bytes_raw()
    return Key("e1", ("whpk_" if public else "whsk_") + b64encode(raw).decode(), LONG_AGO)


def test_a_signed_message_names_its_key():
    signed = verify(sign([shared()], "msg_1", BODY, now=NOW), BODY, [shared()], now=NOW)
    assert (signed.kid, signed.message_id, signed.at) == ("k1", "msg_1", NOW)


def test_the_library_and_we_agree():
    headers = sign([shared()], "msg_1", BODY, now=datetime.now(UTC))
    Webhook(shared().secret).verify(BODY, headers)
    at = datetime.now(UTC).replace(microsecond=0)
    theirs = {
        "Webhook-Id": "msg_2",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(shared().secret).sign("msg_2", at, BODY.decode()),
    }
    assert verify(theirs, BODY, [shared()], now=at).message_id == "msg_2"


def test_a_clock_in_china_signs_the_same_moment():
    there = NOW.astimezone(timezone(timedelta(hours=8)))
    assert sign([shared()], "m", BODY, now=there) == sign([shared()], "m", BODY, now=NOW)


def test_an_ed25519_message_is_checked_with_the_public_key_alone():
    headers = sign([ed25519(public=False)], "msg_1", BODY, now=NOW)
    assert headers["webhook-signature"].startswith("v1a,")
    assert verify(headers, BODY, [ed25519(public=True)], now=NOW).kid == "e1"
    with pytest.raises(LookupError):
        sign([ed25519(public=True)], "msg_1", BODY, now=NOW)


def test_a_shared_secret_does_not_pass_for_an_ed25519_key():
    headers = sign([shared()], "msg_1", BODY, now=NOW)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v1a,")
    with pytest.raises(SignatureForged):
        verify(headers, BODY, [shared(), ed25519(public=True)], now=NOW)


def test_while_a_ring_rotates_both_keys_pass_and_afterwards_one():
    old = shared("old", b"\x01", valid_until=NOW + timedelta(hours=1))
    new = shared("new", b"\x02")
    headers = sign([old, new], "m", BODY, now=NOW)
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert verify(headers, BODY, [new], now=NOW).kid == "new"
    assert verify(headers, BODY, [old], now=NOW).kid == "old"
    later = NOW + timedelta(hours=1)
    with pytest.raises(SignatureForged):
        verify(sign([shared()], "m", BODY, now=later), BODY, [old], now=later)


def test_a_key_of_tomorrow_is_no_key_yet():
    with pytest.raises(SignatureForged):
        verify(
            sign([shared()], "m", BODY, now=NOW),
            BODY,
            [shared(valid_from=NOW + timedelta(seconds=1))],
            now=NOW,
        )


def test_our_own_key_does_not_speak_for_the_partner():
    headers = sign([shared(use="out")], "m", BODY, now=NOW)
    with pytest.raises(SignatureForged):
        verify(headers, BODY, [shared(use="out")], now=NOW)


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_within_the_replay_window(seconds):
    headers = sign([shared()], "m", BODY, now=NOW)
    signed = verify(headers, BODY, [shared()], now=NOW + timedelta(seconds=seconds))
    assert signed.at == NOW


@pytest.mark.parametrize("seconds", [-86_400, -301, 301, 86_400])
def test_outside_the_replay_window(seconds):
    headers = sign([shared()], "m", BODY, now=NOW)
    with pytest.raises(SignatureStale):
        verify(headers, BODY, [shared()], now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "timestamp",
    ["", " 1788228000", "+1788228000", "1788228000.0", "1_788_228_000", "1788228000 ", "0", "-5",
     "٣", "1e9", "NaN", "99999999999999999999", "01788228000"],
)  # fmt: skip
def test_a_timestamp_is_plain_digits(timestamp):
    headers = sign([shared()], "m", BODY, now=NOW) | {"webhook-timestamp": timestamp}
    with pytest.raises(SignatureForged):
        verify(headers, BODY, [shared()], now=NOW)


@pytest.mark.parametrize("message_id", ["", "a.b", "a b", "é", "a" * 129, "a\n", "../x"])
def test_an_id_has_no_dot_and_no_surprise(message_id):
    at = str(int(NOW.timestamp()))
    signature = Webhook(shared().secret).sign(message_id, NOW, BODY.decode())
    sent = {"webhook-id": message_id, "webhook-timestamp": at, "webhook-signature": signature}
    with pytest.raises(SignatureForged):
        verify(sent, BODY, [shared()], now=NOW)


def test_the_right_signature_may_stand_anywhere_in_the_list():
    headers = sign([shared()], "m", BODY, now=NOW)
    right = headers["webhook-signature"]
    headers["webhook-signature"] = f"v9,xx v1,AAAA nonsense v1a,/// {right}"
    assert verify(headers, BODY, [shared()], now=NOW).kid == "k1"
    headers["webhook-signature"] = " ".join(["v1,AAAA"] * 5_000 + [right])
    with pytest.raises(SignatureForged):
        verify(headers, BODY, [shared()], now=NOW)


def test_rings_are_read_as_they_are_kept():
    kept = {"tax": [{"kid": "a", "secret": "whsec_AQ==", "from": "2026-01-01T00:00:00+00:00",
                     "until": None, "use": "in"}]}  # fmt: skip
    (key,) = read_rings(kept)["tax"]
    assert key.holds(NOW, "in")
    assert not key.holds(NOW, "out")


headers_of_any_kind = st.dictionaries(
    st.sampled_from(["webhook-id", "Webhook-Timestamp", "webhook-signature", "x"]) | st.text(),
    st.text(max_size=300),
)


@given(headers=headers_of_any_kind, body=st.binary(max_size=300))
def test_whatever_is_sent_is_refused_in_order(headers, body):
    with pytest.raises((SignatureForged, SignatureStale)):
        verify(headers, body, [shared(), ed25519(public=True)], now=NOW)


def test_no_mutant_of_a_signed_message_passes_or_breaks_the_check():
    """CHEPAI_MUTANTS sets how many; `make fuzz-wire` tries a million."""
    dice = random.Random(20260901)
    ring = [shared(), ed25519(public=True)]
    right = sign([shared(), ed25519(public=False)], "msg_1", BODY, now=NOW)
    accepted = 0
    for _ in range(int(os.environ.get("CHEPAI_MUTANTS", "20000"))):
        headers, body = dict(right), bytearray(BODY)
        what = dice.choice([*headers, "body", "body"])
        if what == "body":
            body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
        else:
            headers[what] = _mutated(headers[what], dice)
            if headers == right:
                continue
        try:
            verify(headers, bytes(body), ring, now=NOW)
        except (SignatureForged, SignatureStale):
            continue
        # Only a list with one signature spoilt and the other whole may still pass.
        assert what == "webhook-signature"
        assert any(each in headers[what].split(" ") for each in right[what].split(" "))
        accepted += 1
    assert accepted


def _mutated(text: str, dice: random.Random) -> str:
    where = dice.randrange(len(text) + 1)
    junk = dice.choice(["", ".", ",", " ", "\x00", "+", "_", "=", "é", "9", "A", "\ud800"])
    return text[:where] + junk + text[where + dice.randrange(3) :] if junk or where else "x" + text


def test_the_window_is_five_minutes():
    assert timedelta(minutes=5) == REPLAY_WINDOW
