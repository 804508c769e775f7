"""The sandbox identity provider: tokens as any OpenID Connect issuer signs them (RS256).

Citizens sign in by face, network identity, ID chip or at a counter. A face alone opens nothing:
it is one of two, and never the only way offered (PIPL Art. 26; face recognition measures 2025).
Only the method and the result are kept, never an image.
"""

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chepai.edge.clock import now
from chepai_sandbox.aws import client
from chepai_sandbox.http import NotPossible

LASTS_SECONDS = 8 * 3600
Method = Literal["FACE", "NET_ID", "ID_CHIP", "COUNTER"]
STRONG: frozenset[str] = frozenset({"NET_ID", "ID_CHIP", "COUNTER"})


class SignIn(BaseModel):
    """A citizen with the methods used; `as_agent` for who holds powers of attorney.

    `device` is the blind name that the issuer has for the device, the same for all who use it.
    """

    model_config = ConfigDict(extra="forbid")

    person_id: Annotated[str, Field(pattern=r"^per_[0-9A-Z]{26}$")] | None = None
    methods: list[Method] = ["NET_ID"]
    as_agent: bool = False
    device: Annotated[str, Field(pattern=r"^dev_[0-9A-Za-z]{1,40}$")] | None = None


def discovery() -> dict[str, Any]:
    """The document at /.well-known/openid-configuration."""
    issuer = os.environ["ISSUER_URL"]
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/sandbox/identity/jwks",
        "token_endpoint": f"{issuer}/sandbox/identity/token",
        "authorization_endpoint": f"{issuer}/sandbox/identity/token",
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
    }


def jwks() -> dict[str, Any]:
    """The public key, read from the key service."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    answer = client("kms").get_public_key(KeyId=_key())
    public = load_der_public_key(answer["PublicKey"])
    if not isinstance(public, RSAPublicKey):
        raise TypeError("the issuer's key is not RSA")
    numbers = public.public_numbers()
    key = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": _kid(),
        "n": _number(numbers.n),
        "e": _number(numbers.e),
    }
    return {"keys": [key]}


def token(claims: Mapping[str, Any]) -> dict[str, Any]:
    """A signed access token; it always ends."""
    at = int(now().timestamp())
    payload = {
        "iss": os.environ["ISSUER_URL"],
        "aud": f"chepai-{os.environ['CHEPAI_STAGE']}-{os.environ['CHEPAI_CITY']}",
        "iat": at,
        "nbf": at - 5,
        "exp": at + LASTS_SECONDS,
        **claims,
    }
    head = {"alg": "RS256", "typ": "JWT", "kid": _kid()}
    text = f"{_json(head)}.{_json(payload)}"
    signed = client("kms").sign(
        KeyId=_key(),
        Message=text.encode(),
        MessageType="RAW",
        SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
    )
    return {
        "access_token": f"{text}.{_base64(signed['Signature'])}",
        "token_type": "Bearer",
        "expires_in": payload["exp"] - at,
        "scope": claims["scope"],
    }


def claims_of(sign_in: SignIn) -> dict[str, Any]:
    """What the token of a citizen will say. Raises NotPossible for a face alone, and for nobody."""
    if not sign_in.person_id:
        raise NotPossible("nobody to sign in", 401)
    if not STRONG & set(sign_in.methods):
        raise NotPossible("a face alone is not enough", 401)
    return {
        "sub": sign_in.person_id,
        "scope": "citizen agent" if sign_in.as_agent else "citizen",
        "aal": "2",
        "amr": " ".join(sign_in.methods),
    } | ({"device": sign_in.device} if sign_in.device else {})


def strongest(sign_in: SignIn) -> str:
    """The method that the identity result is told with."""
    return next((each for each in sign_in.methods if each in STRONG), sign_in.methods[0])


def _key() -> str:
    return os.environ["SANDBOX_ISSUER_KEY_ARN"]


def _kid() -> str:
    return _key().rpartition("/")[2]


def _number(number: int) -> str:
    return _base64(number.to_bytes((number.bit_length() + 7) // 8))


def _json(words: Mapping[str, Any]) -> str:
    return _base64(json.dumps(words, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
