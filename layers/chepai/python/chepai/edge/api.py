"""A route: declared once beside its handler; at run time it parses, calls and answers.

The same declaration becomes the route of the gateway, its scopes and the OpenAPI document.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from chepai.domain.ledger import Actor
from chepai.domain.refusals import (
    BodyMalformed,
    BodyTooLarge,
    FieldInvalid,
    FieldProblem,
    IdempotencyKeyMissing,
    OwnCase,
    Refusal,
    TooManyRequests,
    Unavailable,
)
from chepai.edge import limits, on_behalf, strict_json
from chepai.edge.observing import tell, tell_trouble
from chepai.edge.problems import problem, unforeseen
from chepai.edge.roles import AGENT, CLERK, STAFF, allowed
from chepai.edge.texts import LANGUAGES
from chepai.edge.token_claims import roles_of
from chepai.records.aws import passes
from chepai.records.table import TryAgain

BODY_LIMIT = 64 * 1024
KEY_LIMIT = 255
NOT_MODIFIED = 304
EVERYTHING_ELSE = "$default"
_VERSION_TAG = re.compile(r'"?([0-9]{1,9})(?:-[0-9a-f]{32})?"?')


class Body(BaseModel):
    """What a caller sends: unknown fields are refused, nothing is coerced."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, str_max_length=2000, hide_input_in_errors=True
    )


class Answer(BaseModel):
    """What we answer; attributes that are None are left out."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    kept_seconds: ClassVar[int] = 0
    """How long anybody on the way may keep it: only what is the same for everybody."""


class NoBody(Body):
    """A request without content."""


B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True)
class Caller:
    """Who calls, as the verified token says.

    `session` is the device by the issuer's own blind name for it, else the session signed in.
    `principal` is for whom an agent acts, in these `services`. `citizen` is who a member of staff
    is as a person, where the issuer knows it. `counter` is the session in which a clerk serves
    the principal.
    """

    id: str
    roles: frozenset[str]
    unit: str = ""
    assurance: str = ""
    session: str = ""
    principal: str = ""
    services: frozenset[str] = frozenset()
    citizen: str = ""
    counter: Mapping[str, Any] = field(default_factory=dict)

    @property
    def themselves(self) -> frozenset[str]:
        """Everything that the caller is known by: a member of staff is a citizen as well."""
        return frozenset({self.id, self.citizen} - {""})

    def must_not_be(self, *persons: str) -> None:
        """Hold staff apart from what is their own. Raises OwnCase."""
        if self.citizen and self.citizen in persons:
            raise OwnCase

    @property
    def person_id(self) -> str:
        """Whose cases these are: the caller's, or those of whom the caller acts for."""
        return self.principal or self.id

    def covers(self, service: str) -> bool:
        """Whether the caller may act in this service: an agent, as far as the power goes."""
        return not self.principal or service in self.services

    @property
    def by_agent(self) -> bool:
        """Whether an agent acts, themselves or at a counter."""
        return bool(self.principal) and self.principal != self.counter.get("person_id")

    def actor(self, role: str = "citizen") -> Actor:
        if self.counter:
            return self._serving(self.principal, str(self.counter["session_id"]))
        if self.principal:
            return Actor(
                role=AGENT,
                id=self.id,
                unit=self.unit,
                on_behalf_of=self.principal,
                session=self.session,
            )
        return Actor(role=role, id=self.id, unit=self.unit, session=self.session)

    def _serving(self, person_id: str, session_id: str) -> Actor:
        return Actor(
            role=CLERK, id=self.id, unit=self.unit, on_behalf_of=person_id, session=session_id
        )


@dataclass(frozen=True)
class Call(Generic[B]):
    """One request, parsed and checked."""

    body: B
    caller: Caller
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    idempotency_key: str = ""
    language: str = LANGUAGES[0]
    fingerprint: str = ""

    @property
    def application_id(self) -> str:
        return self.path["application_id"]

    @property
    def if_match(self) -> int | None:
        """The version that If-Match names; None without the header. Raises FieldInvalid."""
        sent = self.headers.get("if-match", "").strip()
        if not sent or sent == "*":
            return None
        if not (named := _VERSION_TAG.fullmatch(sent)):
            raise FieldInvalid(FieldProblem("If-Match", "malformed"))
        return int(named[1])

    def day(self, name: str) -> date | None:
        """A query parameter that is a day; None when it was left out. Raises FieldInvalid."""
        text = self.query.get(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise FieldInvalid(FieldProblem(name, "date")) from None


@dataclass(frozen=True)
class Declaration:
    """Everything about a route that the gateway and the documentation need to know."""

    method: str
    path: str
    summary: str
    answer: type[BaseModel]
    roles: tuple[str, ...] = ()
    body: type[BaseModel] = NoBody
    query: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    errors: tuple[type[Refusal], ...] = ()
    keyed: bool = False
    tag: str = ""
    limit: str = ""

    @property
    def key(self) -> str:
        """The route as the gateway names it."""
        return route_key(self.method, self.path)


def route_key(method: str, path: str) -> str:
    """A route as the gateway and the table of roles name it."""
    return path if path == EVERYTHING_ELSE else f"{method} {path}"


class Handler(Protocol):
    """A Lambda entry point that carries its own declaration."""

    declaration: Declaration

    def __call__(self, event: dict[str, Any], context: Any, /) -> dict[str, Any]: ...


def route(
    method: str,
    path: str,
    *,
    summary: str,
    answer: type[BaseModel],
    body: type[B] = NoBody,  # type: ignore[assignment]  # a default for a type variable
    query: Mapping[str, str] | None = None,
    status: int = 200,
    errors: tuple[type[Refusal], ...] = (),
    keyed: bool = False,
    tag: str = "",
    limit: str = "",
    guesses: tuple[type[Refusal], ...] = (),
) -> Callable[[Callable[[Call[B]], BaseModel]], Handler]:
    """Declare a route and wrap its work.

    Who may call it says its row in `roles`; `keyed` routes create or pay and need an
    Idempotency-Key; `query` names the query parameters with their meaning; `limit` is a word of
    `limits.LIMITS` that each call takes a turn of, and `guesses` are refusals that take one of
    "guess". The work answers a model or raises a Refusal. Raises LookupError for a route without
    a row.
    """
    declared = Declaration(
        method, path, summary, answer, allowed(route_key(method, path)), body, query or {}, status,
        errors, keyed, tag, limit,
    )  # fmt: skip

    def wrap(work: Callable[[Call[B]], BaseModel]) -> Handler:
        def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
            language = _language(event)
            trace = event.get("requestContext", {}).get("requestId", "")
            name = f"{method} {path}"
            counted: dict[str, str] = {}
            try:
                call = _parse(event, declared, body, language)
                if limit:
                    _take(limit, call.caller, counted)
                with _guessing(guesses, call.caller, counted):
                    made = work(call)
                answer = _answered(made, event, status)
                if call.caller.counter and answer["statusCode"] != NOT_MODIFIED:
                    on_behalf.disclose(call.caller, declared.key, _case_in(call, made))
            except Refusal as refusal:
                tell("refused", route=name, code=refusal.code, status=refusal.status)
                return _with(counted, problem(refusal, language=language, trace=trace))
            except TryAgain:
                return problem(Unavailable(seconds=1), language=language, trace=trace)
            except Exception as error:  # noqa: BLE001 (the boundary: nothing rises past it)
                tell_trouble("failed", error, route=name)
                if passes(error):
                    return problem(Unavailable(seconds=1), language=language, trace=trace)
                return unforeseen(language=language, trace=trace)
            tell("answered", route=name, status=status)
            return _with(counted, answer)

        handler.declaration = declared  # type: ignore[attr-defined]  # read at build time
        return handler  # type: ignore[return-value]  # the attribute above makes it a Handler

    return wrap


def _case_in(call: Call[Any], made: BaseModel) -> str:
    """The case that an answer shows something of, where it is one."""
    return call.path.get("application_id", "") or str(getattr(made, "application_id", ""))


def _take(limit: str, caller: Caller, counted: dict[str, str]) -> None:
    """Take one turn of a limit. Raises TooManyRequests."""
    # At a counter it is the person's own turn: a clerk serves many in an hour.
    turn = limits.take(limit, caller.person_id if caller.counter else caller.id)
    counted |= turn.headers
    if not turn.allowed:
        raise TooManyRequests(seconds=turn.seconds)


@contextmanager
def _guessing(
    guesses: tuple[type[Refusal], ...], caller: Caller, counted: dict[str, str]
) -> Iterator[None]:
    try:
        yield
    except guesses:
        _take("guess", caller, counted)
        raise


def _with(headers: Mapping[str, str], answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"headers": {**answer["headers"], **headers}} if headers else answer


def raw_body(event: Mapping[str, Any]) -> bytes:
    """The bytes as they were sent."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(body, validate=True)
        except ValueError:
            raise BodyMalformed from None
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)


def _parse(
    event: Mapping[str, Any], declared: Declaration, body: type[B], language: str
) -> Call[B]:
    raw = raw_body(event)
    if len(raw) > BODY_LIMIT:
        # Before anything is read for who sends it.
        raise BodyTooLarge
    caller = _caller(event, declared.roles)
    headers = {k.lower(): v for k, v in (event.get("headers") or {}).items()}
    caller = on_behalf.acting(caller, declared.key, headers)
    key = headers.get("idempotency-key", "")
    if declared.keyed and not (0 < len(key) <= KEY_LIMIT and key.isprintable()):
        raise IdempotencyKeyMissing
    sent = strict_json.read(raw) if raw else {}
    try:
        # JSON mode: strict models still take ISO dates and enum words from JSON text.
        parsed = body.model_validate_json(json.dumps(sent))
    except ValidationError as wrong:
        raise FieldInvalid(*_field_problems(wrong)) from None
    except ValueError:
        raise BodyMalformed from None
    return Call(
        body=parsed,
        caller=caller,
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers=headers,
        idempotency_key=key,
        language=language,
        fingerprint=sha256(raw).hexdigest(),
    )


def _caller(event: Mapping[str, Any], roles: tuple[str, ...]) -> Caller:
    if not roles:
        return Caller(id="", roles=frozenset())
    token = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {})
    claims = token.get("claims") or {}
    granted = roles_of(claims, roles)
    return Caller(
        id=claims["sub"],
        roles=granted,
        unit=claims.get("unit", ""),
        assurance=claims.get("aal", ""),
        session=str(claims.get("device") or claims.get("sid") or ""),
        citizen=str(claims.get("person", "")) if granted & STAFF else "",
    )


def _answered(made: BaseModel, event: Mapping[str, Any], status: int) -> dict[str, Any]:
    body = made.model_dump_json(exclude_none=True, by_alias=True)
    headers = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}
    if event.get("requestContext", {}).get("http", {}).get("method") == "GET":
        # What has a version is named by it as well, so that If-Match can ask for it.
        version = getattr(made, "version", None)
        prefix = f"{version}-" if isinstance(version, int) else ""
        tag = f'"{prefix}{sha256(body.encode()).hexdigest()[:32]}"'
        seconds = getattr(made, "kept_seconds", 0)
        kept = f"public, max-age={seconds}" if seconds else "private, no-cache"
        headers |= {"etag": tag, "cache-control": kept}
        sent = {k.lower(): v for k, v in (event.get("headers") or {}).items()}
        if sent.get("if-none-match") == tag:
            return {"statusCode": NOT_MODIFIED, "headers": headers}
    if status == 201 and (location := getattr(made, "location", "")):
        headers["location"] = location
    return {"statusCode": status, "headers": headers, "body": body}


def _language(event: Mapping[str, Any]) -> str:
    headers = {k.lower(): v for k, v in (event.get("headers") or {}).items()}
    wanted = str(headers.get("accept-language", "")).lower()
    return "en" if wanted.startswith("en") else "zh-CN"


def _field_problems(wrong: ValidationError) -> list[FieldProblem]:
    return [
        FieldProblem(".".join(str(part) for part in each["loc"]) or "body", each["type"])
        for each in wrong.errors(include_url=False, include_context=False, include_input=False)
    ]
