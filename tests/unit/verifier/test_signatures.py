"""Partners' messages: signed by the key that was valid when they came, complete, and untouched."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.unit.verifier.making import BEGAN, hashed, line_of, make, public_of, stamp
from verifier import __main__ as program

KEY = Ed25519PrivateKey.from_private_bytes(b"\x33" * 32)
CAME = datetime(2026, 9, 2, 3, 0, tzinfo=UTC)
PARTNER = "tax-qingdao"


class Kept:
    """A folder with ten messages, the facts they became, and an entry that rests on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kid = {"kid": "k1", "alg": "ed25519", "public": b64encode(public_of(KEY)).decode(),
                    "from": stamp(BEGAN), "partner": PARTNER}  # fmt: skip
        self.bodies = [json.dumps({"nth": nth}).encode() for nth in range(10)]
        (folder / "messages" / PARTNER).mkdir(parents=True)
        log = make(seed=1)
        rested = [
            {"subject": f"vin#{nth}", "kind": "F07", "version": 1, "partner": PARTNER,
             "kid": "k1", "digest": hashlib.sha256(body).hexdigest()}
            for nth, body in enumerate(self.bodies)
        ]  # fmt: skip
        entry = log.rows[0] | {"evidence": rested, "chain": "app_" + "5" * 26, "seq": 1, "prev": ""}
        facts = [
            {"subject": each["subject"], "version_key": "F07#000001", "received_at": stamp(CAME),
             "partner": PARTNER, "kid": "k1", "digest": each["digest"], "alg": "sha-256",
             "algorithm": "ed25519", "public_key": self.kid["public"]}
            for each in rested
        ]  # fmt: skip
        self.lines = [line_of(hashed(each)) for each in (entry, *facts)]
        for nth in range(10):
            self.message(nth)
        self.write()

    def file(self, nth: int) -> Path:
        return self.folder / "messages" / PARTNER / f"msg_{nth}"

    def message(
        self, nth: int, *, key: Ed25519PrivateKey = KEY, came: datetime = CAME,
        kid: str = "k1", named: str = "",
    ) -> None:  # fmt: skip
        at = int(CAME.timestamp())
        name = named or f"msg_{nth}"
        signature = key.sign(f"{name}.{at}.".encode() + self.bodies[nth])
        headers = {
            "chepai-kid": kid, "chepai-received-at": stamp(came), "webhook-id": name,
            "webhook-signature": f"v1,AAAA v1a,{b64encode(signature).decode()}",
            "webhook-timestamp": str(at),
        }  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.file(nth).write_bytes(head.encode() + b"\r\n" + self.bodies[nth])

    def write(self) -> None:
        keys = {"log": [], "partners": {PARTNER: [self.kid]}}
        (self.folder / "keys.json").write_text(json.dumps(keys))
        (self.folder / "entries.jsonl").write_bytes(b"".join(self.lines))


@pytest.fixture
def kept(tmp_path) -> Kept:
    return Kept(tmp_path)


@pytest.fixture
def check(kept, capsys) -> Callable[[], tuple[int, str]]:
    def run() -> tuple[int, str]:
        status = program.main(["evidence", str(kept.folder)])
        return status, capsys.readouterr().out

    return run


def test_every_signature_holds(check):
    status, said = check()
    assert (status, "10 messages of partners, every signature holds" in said) == (0, True), said


def _other_body(kept: Kept) -> str:
    file = kept.file(3)
    file.write_bytes(file.read_bytes().replace(b'"nth": 3', b'"nth": 4'))
    return "message msg_3 of tax-qingdao is not what the key k1 has signed"


def _other_key(kept: Kept) -> str:
    kept.message(4, key=Ed25519PrivateKey.generate())
    return "message msg_4 of tax-qingdao is not what the key k1 has signed"


def _before_the_key(kept: Kept) -> str:
    kept.kid["from"] = stamp(CAME + timedelta(seconds=1))
    kept.write()
    return "message msg_0 of tax-qingdao came at"


def _after_the_kill(kept: Kept) -> str:
    kept.kid["killed"] = stamp(CAME)
    kept.write()
    return "when the key k1 was not valid"


def _after_the_end(kept: Kept) -> str:
    kept.kid["until"] = stamp(CAME)
    kept.write()
    return "when the key k1 was not valid"


def _replayed_later(kept: Kept) -> str:
    kept.message(5, came=CAME + timedelta(minutes=6))
    return "message msg_5 of tax-qingdao was signed long before"


def _key_of_nobody(kept: Kept) -> str:
    kept.message(6, kid="k9")
    return "names the key k9, which this partner never had"


def _lost(kept: Kept) -> str:
    kept.file(7).unlink()
    return "rests on a message of tax-qingdao that is not kept"


def _renamed(kept: Kept) -> str:
    kept.message(8, named="msg_99")
    return "message msg_8 of tax-qingdao was kept under another name"


def _moved_to_another(kept: Kept) -> str:
    other = kept.folder / "messages" / "tax-elsewhere"
    other.mkdir()
    kept.file(9).rename(other / "msg_9")
    return "message msg_9 of tax-elsewhere names the key k1"


def _another_key_remembered(kept: Kept) -> str:
    public = b64encode(public_of(Ed25519PrivateKey.generate())).decode()
    kept.lines[1] = kept.lines[1].replace(kept.kid["public"].encode(), public.encode())
    kept.write()
    return "entry 1 of fact#vin#0|F07 remembers another key"


@pytest.mark.parametrize(
    "tamper",
    [_other_body, _other_key, _before_the_key, _after_the_kill, _after_the_end, _replayed_later,
     _key_of_nobody, _lost, _renamed, _moved_to_another, _another_key_remembered],
)  # fmt: skip
def test_no_message_is_believed_that_the_key_of_then_has_not_signed(kept, check, tamper):
    named = tamper(kept)
    status, said = check()
    assert (status, named in said) == (1, True), said


def test_a_kill_later_leaves_what_came_before_as_evidence(kept, check):
    kept.kid["killed"] = stamp(CAME + timedelta(hours=1))
    kept.write()
    assert check()[0] == 0


def test_a_shared_key_proves_nothing_to_a_stranger_and_it_is_said(kept, check):
    kept.kid["alg"] = "hmac-sha256"
    kept.write()
    status, said = check()
    assert (status, "10 messages can only be checked by us" in said) == (0, True), said


@pytest.mark.parametrize("torn", [b"", b"webhook-id: x", b"nonsense\r\n\r\nbody"])
def test_a_torn_message_is_unusable(kept, check, torn):
    kept.file(0).write_bytes(torn)
    assert check()[0] == 2
