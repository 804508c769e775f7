"""The gateway in front of all our functions, in one process: tokens, scopes, then the function.

It does with a token what the HTTP API's authoriser does, by the scopes of the declarations from
which the template is made, and with nothing of ours.
"""

import json
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import find
from hypothesis import strategies as st
from pydantic import BaseModel

from infra import declarations
from tests.functions.conftest import City

ISSUER, AUDIENCE = "https://issuer.test", "chepai-sandbox-qingdao"
GROUPS = ("citizen", "staff", "partners")


class Issuer:
    """Signs tokens; another one's key is not the gateway's."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        self.public = self._key.public_key()

    def token(self, claims: Mapping[str, Any]) -> str:
        at = int(time.time())
        said = {"iss": ISSUER, "aud": AUDIENCE, "iat": at, "exp": at + 900, **claims}
        text = f"{_packed({'alg': 'RS256', 'typ': 'JWT'})}.{_packed(said)}"
        return f"{text}.{_base64(self._key.sign(text.encode(), padding.PKCS1v15(), SHA256()))}"


class Gateway:
    """Calls functions by route, as a client does."""

    def __init__(self, city: City, issuer: Issuer) -> None:
        self._city, self._issuer = city, issuer
        self._functions: dict[str, Any] = {}
        self.routes = _routes()

    def function(self, key: str) -> Any:
        group, name, _ = self.routes[key]
        if key not in self._functions:
            self._functions[key] = self._city.function(group, name)
        return self._functions[key]

    def ask(
        self,
        key: str,
        token: str = "",
        *,
        raw: str | None = None,
        path: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The answer; a refusal of the gateway itself has no problem in its body."""
        declared = self.routes[key][2]
        claims: dict[str, str] = {}
        if declared.roles:
            opened = self._opened(token)
            if opened is None:
                return {"statusCode": 401, "body": '{"message":"Unauthorized"}'}
            if not set(opened["scope"].split()) & set(declared.roles):
                return {"statusCode": 403, "body": '{"message":"Forbidden"}'}
            claims = {n: _as_text(v) for n, v in opened.items()}
        return self.behind(key, claims, raw=raw, path=path, headers=headers)

    def behind(
        self,
        key: str,
        claims: Mapping[str, str],
        *,
        raw: str | None = None,
        path: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        encoded: bool = False,
    ) -> dict[str, Any]:
        """The function itself, should the gateway's check ever be left out."""
        event = {
            "headers": {"idempotency-key": f"k-{time.time_ns()}", **(headers or {})},
            "pathParameters": dict(path or {}),
            "queryStringParameters": {},
            "body": raw,
            "isBase64Encoded": encoded,
            "requestContext": {
                "requestId": "r",
                "http": {"method": self.routes[key][2].method},
                "authorizer": {"jwt": {"claims": dict(claims)}},
            },
        }
        answer: dict[str, Any] = self.function(key)(event)
        return answer

    def _opened(self, token: str) -> dict[str, Any] | None:
        try:
            head, body, signature = token.split(".")
            if json.loads(_raw(head))["alg"] != "RS256":
                return None
            signed = _raw(signature), f"{head}.{body}".encode()
            self._issuer.public.verify(*signed, padding.PKCS1v15(), SHA256())
        except (ValueError, InvalidSignature):
            return None
        claims: dict[str, Any] = json.loads(_raw(body))
        right = claims["iss"] == ISSUER and claims["aud"] == AUDIENCE
        return claims if right and claims["exp"] > time.time() else None


@cache
def _routes() -> dict[str, tuple[str, str, Any]]:
    return {
        each.key: (group, name, each)
        for group in GROUPS
        for name, each in declarations.of(group).items()
    }


def placeholders(path: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", path)


@cache
def a_body(model: type[BaseModel]) -> dict[str, Any]:
    """The smallest body that a model takes."""
    schema = model.model_json_schema()
    made: dict[str, Any] = _made(schema, schema.get("$defs", {}))
    model.model_validate_json(json.dumps(made))
    return made


def _made(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _made(defs[schema["$ref"].rpartition("/")[2]], defs)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _made(schema[several][0], defs)
    if "const" in schema or "enum" in schema:
        return schema.get("const", *schema.get("enum", ())[:1])
    makers: dict[str, Callable[[], Any]] = {
        "object": lambda: {
            name: _made(schema["properties"][name], defs) for name in schema.get("required", ())
        },
        "array": lambda: [_made(schema["items"], defs)] * schema.get("minItems", 0),
        "string": lambda: _text(schema),
        "integer": lambda: max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1),
        "boolean": lambda: True,
    }
    return makers.get(schema.get("type", ""), lambda: None)()


def _text(schema: Mapping[str, Any]) -> str:
    formats = {"date": "2026-11-01", "date-time": "2026-11-01T00:00:00Z"}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    shortest = schema.get("minLength", 0)
    if "pattern" in schema:
        fits = st.from_regex(schema["pattern"].replace("$", r"\Z"))
        return str(find(fits, lambda text: len(text) >= shortest and text.isprintable()))
    return "x" * max(shortest, 1)


def _as_text(value: Any) -> str:
    return "[" + " ".join(value) + "]" if isinstance(value, list) else str(value)


def _packed(words: Mapping[str, Any]) -> str:
    return _base64(json.dumps(words).encode())


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
