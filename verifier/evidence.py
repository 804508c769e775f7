"""Partners' messages as they came: each signature checked with the key valid when it came."""

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verifier.log import evidence_named
from verifier.words import Tampered, Unusable, counted, read_json

WINDOW_SECONDS = 300


@dataclass(frozen=True)
class Message:
    """One archived message: the headers as kept, the body byte by byte."""

    name: str
    headers: Mapping[str, str]
    body: bytes

    def of(self, header: str) -> str:
        """One header. Raises Unusable when it is missing."""
        if header not in self.headers:
            raise Unusable(f"message {self.name} was kept without {header}")
        return self.headers[header]


def check(folder: Path, keys: Path | None = None) -> str:
    """A sentence about messages that all hold. Raises Tampered with the first bad one, Unusable."""
    told = read_json(keys or folder / "keys.json").get("partners")
    if not isinstance(told, dict):
        raise Unusable("the list of keys names no partners")
    publics = {(who, key["kid"]): key.get("public") for who, ring in told.items() for key in ring}
    proven: dict[str, tuple[str, str]] = {}
    shared = 0
    for file in sorted((folder / "messages").glob("*/*")):
        message = _read(file)
        kid, provable = _proven_by(message, file.parent.name, told)
        digest = hashlib.sha256(message.body).hexdigest()
        proven[digest] = (file.parent.name, kid)
        shared += not provable
    for name, each in evidence_named(folder) if (folder / "entries.jsonl").exists() else ():
        if not each.get("kid"):
            continue
        if each["digest"] not in proven:
            raise Tampered(f"{name} rests on a message of {each['partner']} that is not kept")
        if proven[each["digest"]] != (each["partner"], each["kid"]):
            raise Tampered(f"{name} names another signer than its message of {each['partner']} has")
        if "public_key" in each and each["public_key"] != publics[each["partner"], each["kid"]]:
            raise Tampered(f"{name} remembers another key than {each['kid']} of {each['partner']}")
    end = f"; {counted(shared, 'message')} can only be checked by us and the partner (shared key)"
    return f"{counted(len(proven), 'message')} of partners, every signature holds" + (
        end if shared else ""
    )


def _read(file: Path) -> Message:
    head, blank, body = file.read_bytes().partition(b"\r\n\r\n")
    try:
        headers = dict(line.split(": ", 1) for line in head.decode("ascii").split("\r\n"))
    except ValueError:
        blank = b""
    if not blank:
        raise Unusable(f"message {file.name} was not kept as headers and a body")
    return Message(file.name, headers, body)


def _proven_by(message: Message, partner: str, told: Mapping[str, Any]) -> tuple[str, bool]:
    """The key that signed, and whether its signature proves it to a stranger."""
    kid, at = message.of("chepai-kid"), message.of("chepai-received-at")
    named = f"message {message.name} of {partner}"
    key = next((each for each in told.get(partner, ()) if each["kid"] == kid), None)
    if key is None:
        raise Tampered(f"{named} names the key {kid}, which this partner never had")
    ends = [end for end in (key.get("until"), key.get("killed")) if end]
    came = _moment(at)
    if came < _moment(key["from"]) or any(came >= _moment(end) for end in ends):
        raise Tampered(f"{named} came at {at}, when the key {kid} was not valid")
    if message.name != message.of("webhook-id"):
        raise Tampered(f"{named} was kept under another name than its own")
    signed_at = int(message.of("webhook-timestamp"))
    if abs(signed_at - came.timestamp()) > WINDOW_SECONDS:
        raise Tampered(f"{named} was signed long before or after it came")
    if key["alg"] != "ed25519":
        return kid, False
    content = f"{message.name}.{signed_at}.".encode() + message.body
    if not _signed(message.of("webhook-signature"), content, key["public"]):
        raise Tampered(f"{named} is not what the key {kid} has signed")
    return kid, True


def _signed(header: str, content: bytes, public: str) -> bool:
    key = Ed25519PublicKey.from_public_bytes(b64decode(public))
    for word in header.split(" "):
        version, _, signature = word.partition(",")
        if version == "v1a":
            try:
                key.verify(b64decode(signature, validate=True), content)
            except (InvalidSignature, ValueError):
                continue
            return True
    return False


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)
