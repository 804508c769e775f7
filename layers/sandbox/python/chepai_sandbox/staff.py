"""Staff at the sandbox identity provider: a password, a signed challenge, a session, a lock.

It plays what a city's own issuer does. First the password, answered with a challenge; then the
challenge, signed with the registered key (ES256 or Ed25519, as a browser or a card makes them).
The token names a member by a subject drawn by chance (OpenID Connect's pairwise identifiers),
which only the personnel office resolves: records, ledger and evidence have no number of theirs.
Tries are counted before they are looked at, so that many at once are not more than one by one.
"""

import hashlib
import hmac
import json
import os
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from functools import cached_property
from secrets import token_hex, token_urlsafe
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from chepai.edge.clock import now
from chepai.edge.roles import STAFF
from chepai.edge.token_claims import combined
from chepai_sandbox.http import NotPossible
from chepai_sandbox.worlds import Row, Worlds

CHALLENGE_SECONDS = 120
SUBJECT_BYTES = 16
SIGNED = "chepai sign-in\n{staff_id}\n{challenge}"
"""What the registered key signs, as UTF-8."""

OVER = "the session is over: sign in again"
LOCKED = "locked: too many wrong tries"

StaffId = Annotated[str, Field(pattern=r"^sta_[0-9A-Za-z_-]{1,40}$")]
Text = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")]


class Key(BaseModel):
    """A public key as a JSON Web Key; coordinates are base64url."""

    model_config = ConfigDict(extra="ignore")

    kty: Literal["OKP", "EC"]
    crv: Literal["Ed25519", "P-256"]
    x: Text
    y: Text | None = None


class Member(BaseModel):
    """A member of staff as the personnel office enters them; entered again, they are changed.

    `person_id` is who they are as a citizen, where the office knows it: what is their own is kept
    from them at work.
    """

    model_config = ConfigDict(extra="forbid")

    staff_id: StaffId
    roles: Annotated[list[str], Field(min_length=1, max_length=len(STAFF))]
    unit: Annotated[str, Field(max_length=40)] = ""
    password: Annotated[str, Field(min_length=12, max_length=200)]
    key: Key
    person_id: Annotated[str, Field(pattern=r"^per_[0-9A-Z]{26}$")] | None = None
    suspended: bool = False


class FirstFactor(BaseModel):
    """The password, for a challenge."""

    model_config = ConfigDict(extra="forbid")

    staff_id: StaffId
    password: Annotated[str, Field(max_length=200)]


class SecondFactor(BaseModel):
    """The challenge, signed."""

    model_config = ConfigDict(extra="forbid")

    staff_id: StaffId
    challenge: Text
    signature: Text


class Renewal(BaseModel):
    """The session goes on, or ends."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}\.[A-Za-z0-9_-]{1,100}$")]


@dataclass(frozen=True)
class Renewed:
    """What the next token says, and the word that renews it, good for one use."""

    claims: dict[str, Any]
    word: str


@dataclass(frozen=True)
class Limits:
    """The city's own, from its profile."""

    sign_in_failures: int
    lockout_minutes: int
    session_hours: int
    session_idle_minutes: int
    token_minutes: int

    @classmethod
    def from_env(cls) -> Self:
        asked = json.loads(os.environ["SIGN_IN_LIMITS"])
        return cls(**{name: asked[name] for name in cls.__annotations__})


@dataclass(frozen=True)
class Desk:
    """Signs members of staff in; everything it knows is in the sandbox's own table."""

    worlds: Worlds

    @classmethod
    def from_env(cls) -> Self:
        return cls(Worlds.from_env())

    @cached_property
    def limits(self) -> Limits:
        return Limits.from_env()

    def enter(self, member: Member) -> None:
        """Enter or change a member. Raises NotPossible for roles that do not go together."""
        roles = set(member.roles)
        if unknown := roles - STAFF:
            raise NotPossible(f"no roles of staff: {', '.join(sorted(unknown))}", 422)
        if combined(roles):
            raise NotPossible("an administrator holds no other role", 422)
        salt = token_urlsafe(16)
        known = self.worlds.read(f"staff#{member.staff_id}") or {}
        self.worlds.write(
            f"staff#{member.staff_id}",
            {
                # The same at each sign-in, or nobody could be held to what they did before.
                "subject": known.get("subject") or f"sta_{token_hex(SUBJECT_BYTES)}",
                "roles": sorted(roles),
                "unit": member.unit,
                "salt": salt,
                "password": _hashed(member.password, salt),
                "key": member.key.model_dump(exclude_none=True),
                "person_id": member.person_id,
                "suspended": member.suspended,
            },
        )

    def challenge(self, said: FirstFactor) -> dict[str, Any]:
        """A challenge for who knows the password. Raises NotPossible."""
        with _Try(self, said.staff_id, "password") as tried:
            member = self._member(said.staff_id)
            # Hashed for nobody too, so that the time does not tell who works here.
            hashed = _hashed(said.password, member["salt"] if member else said.staff_id)
            tried.right = member is not None and hmac.compare_digest(hashed, member["password"])
        challenge = token_urlsafe(32)
        ends = _seconds() + CHALLENGE_SECONDS
        self.worlds.write(f"challenge#{challenge}", {"staff_id": said.staff_id, "ends": ends})
        return {"challenge": challenge, "expires_in": CHALLENGE_SECONDS}

    def sign_in(self, said: SecondFactor) -> Renewed:
        """A new session. Raises NotPossible."""
        with _Try(self, said.staff_id, "signature") as tried:
            member = self._member(said.staff_id)
            tried.right = member is not None and self._signed(said, member)
        at = _seconds()
        session = {"staff_id": said.staff_id, "began": at, "over": False}
        return self._renewed(token_urlsafe(16), session, member or {})

    def renew(self, said: Renewal) -> Renewed:
        """The same session, a little longer. Raises NotPossible when it is over."""
        name, session = self._session(said)
        at, member = _seconds(), self._member(session["staff_id"])
        idle = at - session["seen"] > self.limits.session_idle_minutes * 60
        late = at >= session["began"] + self.limits.session_hours * 3600
        # Whoever comes second with the same word has a copy of it: then nobody goes on.
        again = self.worlds.count(f"{name}#{session['word']}", "renewals") > 1
        if idle or late or again or member is None:
            self._close(name, session)
            raise NotPossible(OVER, 401)
        return self._renewed(name, session, member)

    def end(self, said: Renewal) -> None:
        """End a session: it is not renewed any more. Raises NotPossible when it is over."""
        self._close(*self._session(said))

    def _signed(self, said: SecondFactor, member: Row) -> bool:
        open_for = self.worlds.read(f"challenge#{said.challenge}")
        if not open_for or open_for["staff_id"] != said.staff_id or open_for["ends"] < _seconds():
            return False
        if self.worlds.count(said.challenge, "answers") > 1:
            return False
        text = SIGNED.format(staff_id=said.staff_id, challenge=said.challenge)
        return _verifies(member["key"], text.encode(), said.signature)

    def _member(self, staff_id: str) -> Row | None:
        member = self.worlds.read(f"staff#{staff_id}")
        return None if member is None or member["suspended"] else member

    def _session(self, said: Renewal) -> tuple[str, Row]:
        name, _, word = said.refresh_token.partition(".")
        session = self.worlds.read(f"session#{name}")
        if session is None or session["over"]:
            raise NotPossible(OVER, 401)
        if not hmac.compare_digest(session["word"], _digest(word)):
            # An old word in somebody's hand is a stolen one, or its theft has been noticed.
            self._close(name, session)
            raise NotPossible(OVER, 401)
        return name, session

    def _close(self, name: str, session: Row) -> None:
        self.worlds.write(f"session#{name}", session | {"over": True})

    def _renewed(self, name: str, session: Row, member: Row) -> Renewed:
        word, at = token_urlsafe(32), _seconds()
        kept = session | {"word": _digest(word), "seen": at}
        self.worlds.write(f"session#{name}", kept)
        ends = session["began"] + self.limits.session_hours * 3600
        claims = {
            "sub": member["subject"],
            "scope": " ".join(member["roles"]),
            "unit": member["unit"],
            "aal": "2",
            "amr": ["pwd", "swk"],
            "sid": name,
            "auth_time": session["began"],
            "iat": at,
            "exp": min(at + self.limits.token_minutes * 60, ends),
        }
        if person := member.get("person_id"):
            claims["person"] = person
        return Renewed(claims, f"{name}.{word}")


class _Try:
    """One try at a factor: counted before it is looked at, forgotten when it was right."""

    def __init__(self, desk: Desk, staff_id: str, factor: str) -> None:
        self._worlds, self._limits = desk.worlds, desk.limits
        self._key = f"lock#{staff_id}#{factor}"
        self.right = False

    def __enter__(self) -> Self:
        known = self._worlds.read(self._key) or {"round": 0, "until": 0}
        self._round: int = known["round"]
        if known["until"] > _seconds():
            raise NotPossible(LOCKED, 423)
        self._tries = self._worlds.count(f"{self._key}#{self._round}", "tries")
        if self._tries > self._limits.sign_in_failures:
            raise NotPossible(LOCKED, 423)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            return
        if self.right:
            self._begin_again(0)
            return
        if self._tries >= self._limits.sign_in_failures:
            self._begin_again(_seconds() + self._limits.lockout_minutes * 60)
        raise NotPossible("no such member, or a wrong factor", 401)

    def _begin_again(self, until: int) -> None:
        self._worlds.write(self._key, {"round": self._round + 1, "until": until})


def _hashed(password: str, salt: str) -> str:
    made = hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**14, r=8, p=1)
    return made.hex()


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def _verifies(key: Row, text: bytes, signature: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        signed = _opened(signature)
        if key["crv"] == "Ed25519":
            ed25519.Ed25519PublicKey.from_public_bytes(_opened(key["x"])).verify(signed, text)
            return True
        x, y = (int.from_bytes(_opened(key[part])) for part in ("x", "y"))
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        # Browsers sign as r || s, 32 bytes each.
        halves = int.from_bytes(signed[:32]), int.from_bytes(signed[32:])
        public.verify(utils.encode_dss_signature(*halves), text, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError, KeyError):
        return False
    return len(signed) == 64


def _opened(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _seconds() -> int:
    return int(now().timestamp())
