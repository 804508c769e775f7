"""The sandbox's own HTTP entries: small, JSON in and out, what is wrong answered as 4xx."""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import ValidationError

from chepai.domain.refusals import Refusal
from chepai.edge.observing import tell, tell_trouble


@dataclass(frozen=True)
class Entry:
    """One route of the sandbox: its declaration is all that its stack reads."""

    method: str
    path: str
    summary: str
    roles: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The route as the gateway names it."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """Status and JSON body."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)


class Handler(Protocol):
    """A Lambda entry point that carries its declaration."""

    declaration: Entry

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]: ...


class Busy(Exception):
    """The simulated partner is told to be out of order for now."""


class NotPossible(Exception):
    """The simulated partner does not do this; the text is shown as it is."""

    def __init__(self, why: str, status: int = 409) -> None:
        super().__init__(why)
        self.why = why
        self.status = status


def entry(
    method: str, path: str, summary: str
) -> Callable[[Callable[[Mapping[str, Any]], Answer]], Handler]:
    """Declare a route of the sandbox and wrap its work."""

    def wrap(work: Callable[[Mapping[str, Any]], Answer]) -> Handler:
        def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
            try:
                answer = work(event)
            except Refusal as refusal:
                answer = Answer(refusal.status, {"error": refusal.code})
            except ValidationError as wrong:
                where = [".".join(map(str, each["loc"])) for each in wrong.errors()]
                answer = Answer(422, {"error": "fields", "fields": where})
            except NotPossible as no:
                answer = Answer(no.status, {"error": no.why})
            except LookupError:
                answer = Answer(404, {"error": "unknown"})
            except Busy:
                answer = Answer(503, {"error": "busy"})
            except Exception as error:  # noqa: BLE001 - the last boundary
                tell_trouble("failed", error, route=path)
                answer = Answer(500, {"error": "unforeseen"})
            tell("answered", route=path, status=answer.status)
            return {
                "statusCode": answer.status,
                "headers": {
                    "content-type": "application/json; charset=utf-8",
                    "cache-control": "no-store",
                },
                "body": json.dumps(answer.body, ensure_ascii=False),
            }

        handler.declaration = Entry(method, path, summary)  # type: ignore[attr-defined]  # read by the stack
        return handler  # type: ignore[return-value]  # the attribute above makes it a Handler

    return wrap


def bytes_of(event: Mapping[str, Any]) -> bytes:
    """The body as it was sent."""
    body = event.get("body") or ""
    return b64decode(body) if event.get("isBase64Encoded") else body.encode()
