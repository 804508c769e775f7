"""Sign and check messages between us and partners: Standard Webhooks, on the bytes as sent.

Checking is our own: the library answers some hostile input with an unhandled error, takes
timestamps like "+17_9.0" and lets a "." in the id make two messages share one signature.
"""

import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal

from chepai.domain.refusals import SignatureForged, SignatureStale

REPLAY_WINDOW = timedelta(seconds=300)
MOST_SIGNATURES = 16

SHARED = "whsec_"
ED25519_PRIVATE = "whsk_"
ED25519_PUBLIC = "whpk_"
SHARED_ALGORITHM, ED25519_ALGORITHM = "hmac-sha256", "ed25519"
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,10}")
_SIGNATURE = re.compile(r"(v1a?),([A-Za-z0-9+/]{1,88}={0,2})")


@dataclass(frozen=True)
class Key:
    """One key of a ring: `whsec_` is shared, `whsk_` signs, `whpk_` can only check.

    `use` "in" is the partner's for speaking to us, "out" ours for speaking to the partner.
    """

    kid: str
    secret: str
    valid_from: datetime
    valid_until: datetime | None = None
    use: Literal["in", "out", "both"] = "both"
    killed: bool = False

    def holds(self, at: datetime, use: Literal["in", "out"]) -> bool:
        """Whether the key may be used at that time; the end of its life is no longer in it.

        A killed key may not be used at any time: whoever has it could have signed the hour, too.
        """
        ended = self.killed or (self.valid_until is not None and at >= self.valid_until)
        return self.use in {use, "both"} and self.valid_from <= at and not ended

    @property
    def algorithm(self) -> str:
        """By which this key signs."""
        return SHARED_ALGORITHM if self.secret.startswith(SHARED) else ED25519_ALGORITHM

    @property
    def public(self) -> str:
        """What can be shown of the key to anybody, in base64; nothing of a shared one."""
        if self.secret.startswith(ED25519_PUBLIC):
            return self.secret.removeprefix(ED25519_PUBLIC)
        if self.secret.startswith(SHARED):
            return ""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        private = Ed25519PrivateKey.from_private_bytes(_material(self))
        return b64encode(private.public_key().public_bytes_raw()).decode()


@dataclass(frozen=True)
class Signed:
    """What the signature proves: which key, which message, when it was signed.

    `headers` are those it was proven by, in lower case; of a key its algorithm and public half.
    """

    kid: str
    message_id: str
    at: datetime
    algorithm: str
    public_key: str
    headers: Mapping[str, str]


def verify(
    headers: Mapping[str, str], body: bytes, ring: Iterable[Key], *, now: datetime
) -> Signed:
    """Find the key of the ring that signed these bytes.

    Raises SignatureStale outside the replay window, SignatureForged for all else that is wrong.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    message_id = sent.get("webhook-id", "")
    timestamp = sent.get("webhook-timestamp", "")
    if not _ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureForged
    signatures = list(_signatures(sent.get("webhook-signature", "")))
    content = f"{message_id}.{timestamp}.".encode() + body
    for key in ring:
        if key.holds(now, "in") and any(_is_by(key, content, *each) for each in signatures):
            at = datetime.fromtimestamp(int(timestamp), UTC)
            if abs(now - at) > REPLAY_WINDOW:
                raise SignatureStale
            # Whatever else stood in the header is nobody's signature.
            told = " ".join(f"{kind},{b64encode(each).decode()}" for kind, each in signatures)
            kept = dict(zip(HEADERS, (message_id, timestamp, told), strict=True))
            return Signed(key.kid, message_id, at, key.algorithm, key.public, kept)
    raise SignatureForged


def sign(ring: Iterable[Key], message_id: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """The three headers, with one signature by each of our keys that is valid now.

    Two keys overlap while a ring rotates; the receiver takes whichever it knows. Raises
    LookupError when no key of the ring can sign now.
    """
    at = now.astimezone(UTC).replace(microsecond=0)
    signatures = [
        _signed(key, message_id, at, body)
        for key in ring
        if key.holds(now, "out") and not key.secret.startswith(ED25519_PUBLIC)
    ]
    if not signatures:
        raise LookupError("no key of this ring can sign now")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def read_rings(kept: Mapping[str, Sequence[Mapping[str, str | None]]]) -> dict[str, list[Key]]:
    """The rings of all partners of a kind, from the words kept in the kind's secret."""
    return {
        partner: [
            Key(
                kid=str(words["kid"]),
                secret=str(words["secret"]),
                valid_from=datetime.fromisoformat(str(words["from"])),
                valid_until=datetime.fromisoformat(until) if (until := words["until"]) else None,
                use=_use(words.get("use")),
                killed=bool(words.get("killed")),
            )
            for words in ring
        ]
        for partner, ring in kept.items()
    }


def _use(word: str | None) -> Literal["in", "out", "both"]:
    if word == "in":
        return "in"
    return "out" if word == "out" else "both"


def _signatures(header: str) -> Iterator[tuple[str, bytes]]:
    for word in header.split(" ")[:MOST_SIGNATURES]:
        found = _SIGNATURE.fullmatch(word)
        if found:
            try:
                yield found[1], b64decode(found[2], validate=True)
            except NotBase64:
                continue


def _is_by(key: Key, content: bytes, version: str, signature: bytes) -> bool:
    if key.secret.startswith(SHARED):
        expected = hmac.digest(_material(key), content, sha256)
        return version == "v1" and hmac.compare_digest(expected, signature)
    return version == "v1a" and _is_by_ed25519(key, content, signature)


def _is_by_ed25519(key: Key, content: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    public = (
        Ed25519PrivateKey.from_private_bytes(_material(key)).public_key()
        if key.secret.startswith(ED25519_PRIVATE)
        else Ed25519PublicKey.from_public_bytes(_material(key))
    )
    try:
        public.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _signed(key: Key, message_id: str, at: datetime, body: bytes) -> str:
    if key.secret.startswith(SHARED):
        from standardwebhooks import Webhook

        # The library writes the wall clock of any zone as if it were UTC: it gets UTC only.
        return str(Webhook(key.secret).sign(message_id, at, body.decode()))
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    content = f"{message_id}.{int(at.timestamp())}.".encode() + body
    signature = Ed25519PrivateKey.from_private_bytes(_material(key)).sign(content)
    return f"v1a,{b64encode(signature).decode()}"


def _material(key: Key) -> bytes:
    return b64decode(key.secret.partition("_")[2])
