"""The description of the API (OpenAPI 3.1), merged from the declarations beside the handlers.

`make openapi` writes docs/openapi.json; a test says when it no longer fits. Powertools makes the
schemas; nothing of it is loaded at run time.
"""

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from keyword import iskeyword
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.merge import OpenAPIMerge
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query
from pydantic import BaseModel, ConfigDict

from infra import declarations
from infra.served import OPENAPI

if TYPE_CHECKING:
    from chepai.domain.refusals import Refusal
    from chepai.edge.api import Declaration

_GROUPS = ("citizen", "staff", "partners")
_PROBLEM = "application/problem+json"
_DESCRIPTION = (
    "Vehicle services of one city: a citizen files one application, agencies' signed facts flow "
    "in, a decision and a parcel come out. Money is in fen, times are UTC with a Z, identifiers "
    "are opaque. Errors are problem details (RFC 9457) with a stable `code`, in the language of "
    "`Accept-Language` (zh-CN or en) with the other beside it. The gateway itself refuses a token "
    "that is missing, forged or over (401) and a role that may not call a route (403) with a body "
    'of its own, `{"message": …}`: read them as VR-201 and VR-202. An agent names in '
    "`On-Behalf-Of` for whom they act; a clerk does so in the session at the counter that "
    "`Counter-Session` names. What a person may do only so often answers `RateLimit` "
    "and, beyond it, 429 with `Retry-After`."
)
_TAGS = (
    ("inform", "Before sign-in: services, conditions, fees, links, eligibility"),
    ("apply", "File an application, confirm what agencies supplied and sign"),
    ("follow", "Read an application and follow it live"),
    ("put right", "Correct, dispute, check again, ask for a review, withdraw"),
    ("number", "Offers of numbers and the choice"),
    ("pay", "The fee"),
    ("inspection", "Appointments for an inspection"),
    ("deliver", "Where the parcel goes, and driving until it comes"),
    ("me", "My cars, invoices, messages and what is known of me"),
    ("staff", "What counters, hotline and operators call"),
    ("partners", "Where partners send signed messages (Standard Webhooks)"),
)


class FieldAtFault(BaseModel):
    """One field that cannot be taken as sent."""

    field: str
    code: str


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    instance: str | None = None
    field: str | None = None
    fields: list[FieldAtFault] | None = None
    translations: dict[str, dict[str, str]] | None = None


def document() -> dict[str, Any]:
    """The whole description, from the handlers as they are now."""
    from chepai.edge.pages import TAG

    schemas = {
        name: _schema(name, group, declared)
        for group in _GROUPS
        for name, declared in sorted(declarations.of(group).items())
        if declared.tag != TAG
    }
    merged = OpenAPIMerge(
        title="Chepai 车牌",
        version="1",
        openapi_version="3.1.0",
        description=_DESCRIPTION,
        on_conflict="error",
    )
    for schema in _with_names_of_their_own(schemas):
        merged.add_schema(schema)
    whole = merged.get_openapi_schema()
    whole.setdefault("paths", {})
    whole["paths"] = dict(sorted(whole["paths"].items()))
    whole["tags"] = [{"name": name, "description": words} for name, words in _TAGS]
    components = whole.setdefault("components", {})
    components["schemas"] = dict(sorted(components.get("schemas", {}).items()))
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of the stage's identity issuer; roles are its scopes.",
        }
    }
    return whole


def text(whole: Mapping[str, Any]) -> str:
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _schema(name: str, group: str, declared: "Declaration") -> dict[str, Any]:
    """One route as a description of its own."""
    resolver = APIGatewayHttpResolver(enable_validation=True)
    method = declared.method.lower()
    resolver.route(
        re.sub(r"\{(\w+)\}", r"<\1>", declared.path),
        method=declared.method,
        summary=declared.summary,
        operation_id=name,
        tags=[declared.tag or group],
        responses=_responses(declared),
    )(_signature(declared))
    made = resolver.get_openapi_schema(openapi_version="3.1.0")
    schema: dict[str, Any] = json.loads(made.model_dump_json(by_alias=True, exclude_none=True))
    schemas = schema.get("components", {}).get("schemas", {})
    operation = schema["paths"][declared.path][method]
    operation["security"] = [{"token": list(declared.roles)}] if declared.roles else []
    answers = operation["responses"]
    if "HTTPValidationError" in json.dumps(answers.get("422", "")):
        # Powertools' own; our routes say what they refuse.
        del answers["422"]
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "idempotency-key":
            parameter["name"] = "Idempotency-Key"
    operation["responses"] = dict(sorted(answers.items()))
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return {"paths": schema["paths"], "components": {"schemas": schemas}}


def _signature(declared: "Declaration") -> Any:
    """A function that Powertools can read the route's inputs from."""
    keyword = inspect.Parameter.KEYWORD_ONLY

    def asked(name: str, kind: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
        return inspect.Parameter(name, keyword, default=default, annotation=kind)

    named = [
        asked(each, Annotated[str, Path()]) for each in re.findall(r"\{(\w+)\}", declared.path)
    ]
    named += [
        # A word of Python's own, as "from", is known by its alias only.
        asked(f"{name}_", Annotated[str | None, Query(alias=name, description=words)], None)
        if iskeyword(name)
        else asked(name, Annotated[str | None, Query(description=words)], None)
        for name, words in declared.query.items()
    ]
    if declared.keyed:
        words = "A new value for each new act; the same value repeats the answer."
        named.append(
            asked("key", Annotated[str, Header(alias="Idempotency-Key", description=words)])
        )
    if declared.body.model_fields:
        named.append(asked("body", Annotated[declared.body, Body()]))

    def route(**_: Any) -> Any:
        raise NotImplementedError

    route.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what readers look at
        named, return_annotation=declared.answer
    )
    route.__annotations__ = {each.name: each.annotation for each in named} | {
        "return": declared.answer
    }
    return route


def _responses(declared: "Declaration") -> dict[int, Any]:
    by_status: dict[int, list[type[Refusal]]] = defaultdict(list)
    for each in dict.fromkeys((*declared.errors, *_always(declared))):
        by_status[each.status].append(each)
    answered: dict[int, Any] = {
        declared.status: {
            "description": HTTPStatus(declared.status).phrase,
            "content": {"application/json": {"model": declared.answer}},
        }
    }
    for status, refusals in sorted(by_status.items()):
        words = "; ".join(f"{each.code} {_title(each)}" for each in refusals)
        answered[status] = {"description": words, "content": {_PROBLEM: {"model": Problem}}}
    return answered


def _always(declared: "Declaration") -> Iterator[type["Refusal"]]:
    """What the wrapper refuses on behalf of every handler."""
    from chepai.domain import refusals
    from chepai.edge.roles import STAFF

    if declared.body.model_fields:
        yield from (refusals.BodyMalformed, refusals.BodyTooLarge, refusals.FieldInvalid)
    if declared.keyed:
        yield refusals.IdempotencyKeyMissing
    if declared.roles:
        yield from (refusals.NotSignedIn, refusals.NotPermitted)
        yield from (refusals.RolesCombined, refusals.IdentityTooWeak)
    if set(declared.roles) & STAFF:
        yield refusals.OwnCase
    yield from (refusals.TooManyRequests, refusals.Unforeseen, refusals.Unavailable)


def _title(refusal: type["Refusal"]) -> str:
    from chepai.edge.texts import say

    return say("problems", refusal.code, "en")["title"]


def _with_names_of_their_own(schemas: Mapping[str, dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Handlers name their models Form and Receipt; two that differ get their route's name too."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for schema in schemas.values():
        for name, each in schema["components"]["schemas"].items():
            meanings[name].add(json.dumps(each, sort_keys=True))
    for route, schema in schemas.items():
        own = "".join(part.capitalize() for part in route.split("_"))
        written = json.dumps(schema)
        for name in schema["components"]["schemas"]:
            if len(meanings[name]) > 1:
                written = written.replace(
                    f'"#/components/schemas/{name}"', f'"#/components/schemas/{own}{name}"'
                )
        renamed = json.loads(written)
        renamed["components"]["schemas"] = {
            (f"{own}{name}" if len(meanings[name]) > 1 else name): each
            for name, each in renamed["components"]["schemas"].items()
        }
        yield renamed


def main() -> None:
    OPENAPI.parent.mkdir(exist_ok=True)
    OPENAPI.write_text(text(document()), encoding="utf-8")
    print(f"docs/{OPENAPI.name} is written")


if __name__ == "__main__":
    main()
