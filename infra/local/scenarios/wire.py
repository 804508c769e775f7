"""HTTP as a phone speaks it: JSON in and out, and every refusal says what was asked of whom."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Self

import urllib3

PATIENCE_SECONDS = 60.0
# What a phone tries again by itself: we were away, or busy for a moment.
TRANSIENT = frozenset({429, 502, 503})
ATTEMPTS = 6


class Refused(Exception):
    """The city said no. `code` is the stable code of its problem, "" where there is none."""

    def __init__(self, what: str, status: int, problem: Mapping[str, Any]) -> None:
        self.what = what
        self.status = status
        self.code = str(problem.get("code") or problem.get("error") or "")
        self.field = str(problem.get("field") or "")
        self.problem = problem
        where = f" (field {self.field})" if self.field else ""
        title = problem.get("title") or problem.get("message") or ""
        super().__init__(f"{what}: {status} {self.code}{where} {title}".rstrip())


class CityAway(ConnectionError):
    """Nobody answers at the city's address; the message says what was asked."""


@dataclass(frozen=True)
class Reply:
    """One answer as it came."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        """The body read as JSON; {} when it is none."""
        try:
            return json.loads(self.data) if self.data else {}
        except ValueError:
            return {}


class Wire:
    """One caller's connection to the city's one address.

    `token`: what the caller signed in with. `language`: what problems are told in.
    """

    transient = TRANSIENT
    attempts = ATTEMPTS

    def __init__(self, url: str, *, token: str = "", language: str = "en") -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._language = language
        self._pool = urllib3.PoolManager(
            maxsize=4,
            retries=False,
            timeout=urllib3.Timeout(connect=5, read=PATIENCE_SECONDS),
        )

    def signed_in(self, token: str) -> Self:
        """The same line with another token."""
        return type(self)(self.url, token=token, language=self._language)

    def get(self, path: str) -> Any:
        return self._answer("GET", path)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """`key` makes a repeated request the same one; one is made up when it is left out."""
        return self._answer("POST", path, body, key)

    def put(self, path: str, body: Any) -> Any:
        return self._answer("PUT", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self._answer("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self._answer("DELETE", path)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request as given, its answer as it comes. Raises CityAway."""
        said = {"accept-language": self._language}
        if self._token:
            said["authorization"] = f"Bearer {self._token}"
        try:
            answer = self._pool.request(
                method, self.url + path, body=body, headers=said | dict(headers or {})
            )
        except urllib3.exceptions.HTTPError as away:
            raise CityAway(f"{method} {path}: {away}") from None
        return Reply(answer.status, dict(answer.headers), answer.data)

    def _answer(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        headers = {"content-type": "application/json"}
        if method == "POST":
            headers["idempotency-key"] = key or token_hex(16)
        sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        for attempt in range(self.attempts):
            reply = self.ask(method, path, sent, headers)
            if reply.status not in self.transient or attempt == self.attempts - 1:
                break
            time.sleep(min(0.3 * 2**attempt, 4))
        if reply.status >= 400:
            problem = reply.json
            told = problem if isinstance(problem, dict) else {}
            raise Refused(f"{method} {path}", reply.status, told)
        return reply.json
