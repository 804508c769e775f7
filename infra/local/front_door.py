"""The one address of the local city, as the content network is on AWS.

`/v1`, `/hooks`, `/docs` and `/openapi.json` go to the services' API, `/sandbox` to the sandbox's;
everything else is a page, with the index for what is no file. So there is one origin, no CORS and
no path prefix. Pages carry the headers of `infra/front.py`, as they do there.
"""

import asyncio
import contextlib
import gzip
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import h11
from hypercorn.asyncio import serve
from hypercorn.config import Config

from infra.front import HEADERS, SANDBOX_PATH, SERVICE_PATHS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

LANGUAGES = ("zh-CN", "en")
# RFC 9110, 7.6.1: they speak of one connection only, and each side of us has its own.
HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade")
)
CHUNK = 1 << 16
START_SECONDS = 10.0
DEFAULT_PORT = 8080


@dataclass(frozen=True)
class Page:
    """One file of the pages."""

    body: bytes
    media_type: str
    cache_control: str


Pages = Callable[[str], Page | None]
"""The file of that name, None when there is none; called in a thread."""


@dataclass(frozen=True)
class Addresses:
    """Where the city's parts answer, as URLs."""

    services: str
    sandbox: str | None = None

    def behind(self, path: str) -> tuple[str, str] | None:
        """The part a path belongs to, and the path there; None is a page."""
        if any(path == each or path.startswith(each + "/") for each in SERVICE_PATHS):
            return self.services, path
        if self.sandbox and path.startswith(SANDBOX_PATH):
            # The issuer describes itself at the root of its own address, as OpenID wants it.
            inside = path.removeprefix("/sandbox")
            return self.sandbox, inside if inside.startswith("/.well-known/") else path
        return None


class Unreachable(ConnectionError):
    """The part of the city a request was for does not answer."""


class FrontDoor:
    """The proxy, in a thread of its own: `with FrontDoor(addresses, pages) as door: door.url`.

    `port`: the first to try; the next free one is taken, and `port` then says which.
    """

    def __init__(self, addresses: Addresses, pages: Pages, *, port: int = DEFAULT_PORT) -> None:
        self._app = Proxy(addresses, pages)
        self._socket = _listen(port)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="front-door")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(START_SECONDS)

    def _run(self) -> None:
        config = Config()
        # Hypercorn takes over a socket by its descriptor, so nobody can take the port meanwhile.
        config.bind = [f"fd://{self._socket.detach()}"]
        config.graceful_timeout = 1
        config.keep_alive_timeout = 30
        config.loglevel = "ERROR"
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(
            serve(self._app, config, shutdown_trigger=self._over.wait)  # type: ignore[arg-type]
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class Proxy:
    """The ASGI application."""

    def __init__(self, addresses: Addresses, pages: Pages) -> None:
        self._addresses = addresses
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: bytes = scope["raw_path"]
        part = self._addresses.behind(path.decode("ascii"))
        try:
            if part:
                await _forward(*part, scope, receive, send)
            else:
                await self._page(path.decode("ascii"), scope, send)
        except Unreachable:
            problem = {
                "type": "about:blank",
                "status": 502,
                "code": "CITY-UNREACHABLE",
                "title": _texts(_language(scope))["unreachable"],
            }
            body = json.dumps(problem, ensure_ascii=False).encode()
            await _reply(send, 502, body, b"application/problem+json")

    async def _page(self, path: str, scope: Scope, send: Send) -> None:
        """The file of that name; what is no file is the index: pages find their way from there."""
        name = path.lstrip("/") if "." in path.rsplit("/", 1)[-1] else "index.html"
        page = await asyncio.to_thread(self._pages, name)
        if page is None:
            await _reply(send, 404, b"", b"text/plain")
            return
        headers = [(each.encode(), said.encode()) for each, said in HEADERS.items()]
        headers.append((b"content-type", page.media_type.encode()))
        headers.append((b"cache-control", page.cache_control.encode()))
        body = page.body
        if b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b""):
            body = gzip.compress(body, mtime=0)
            headers.append((b"content-encoding", b"gzip"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _reply(send: Send, status: int, body: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind + b"; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _forward(base: str, path: str, scope: Scope, receive: Receive, send: Send) -> None:
    query: bytes = scope["query_string"]
    target = (urlsplit(base).path + path).encode() + (b"?" + query if query else b"")
    async with _upstream(base) as upstream:
        head = await upstream.ask(scope["method"], target, _passed_on(scope), _body(receive))
        await upstream.relay(head, send)


def _passed_on(scope: Scope) -> Headers:
    headers = [
        (name, value)
        for name, value in scope["headers"]
        if name not in HOP_BY_HOP and name != b"host"
    ]
    client = scope.get("client")
    if client:
        headers.append((b"x-forwarded-for", str(client[0]).encode()))
    return [*headers, (b"x-forwarded-proto", scope["scheme"].encode())]


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body"):
            return


async def _no_body() -> AsyncIterator[bytes]:
    for part in tuple[bytes, ...]():
        yield part


class _Upstream:
    """One request to one part of the city."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host
        self._wire = h11.Connection(h11.CLIENT)
        self._sending: asyncio.Task[None] | None = None

    async def ask(
        self, method: str, target: bytes, headers: Headers, body: AsyncIterator[bytes] | None
    ) -> h11.Response:
        """Send a request; the head of the answer may come before the body is through."""
        said = [(b"host", self._host.encode()), *headers, (b"connection", b"close")]
        self._write(self._wire.send(h11.Request(method=method, target=target, headers=said)))
        self._sending = asyncio.create_task(self._send(body))
        while True:
            event = await self._next()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise Unreachable("the connection ended before the answer")

    async def _send(self, body: AsyncIterator[bytes] | None) -> None:
        try:
            async for part in body or _no_body():
                self._write(self._wire.send(h11.Data(data=part)))
                await self._writer.drain()
            self._write(self._wire.send(h11.EndOfMessage()))
        except (h11.LocalProtocolError, OSError):
            # The caller went away in the middle of its body: so do we.
            self._writer.close()

    async def relay(self, head: h11.Response, send: Send) -> None:
        """Hand the answer on as it comes."""
        headers = [
            (name, value)
            for name, value in head.headers
            # The date of an answer is said once, by whoever sends it on.
            if name not in HOP_BY_HOP and name not in (b"transfer-encoding", b"date")
        ]
        await send({"type": "http.response.start", "status": head.status_code, "headers": headers})
        while isinstance(event := await self._next(), h11.Data):
            await send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _next(self) -> Any:
        try:
            while (event := self._wire.next_event()) is h11.NEED_DATA:
                self._wire.receive_data(await self._reader.read(CHUNK))
        except (OSError, h11.RemoteProtocolError) as broken:
            raise Unreachable(str(broken)) from broken
        return event

    def _write(self, data: bytes | None) -> None:
        if data:
            self._writer.write(data)

    async def close(self) -> None:
        if self._sending:
            self._sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, h11.ProtocolError, OSError):
                await self._sending
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


@contextlib.asynccontextmanager
async def _upstream(base: str) -> AsyncIterator[_Upstream]:
    place = urlsplit(base)
    try:
        reader, writer = await asyncio.open_connection(place.hostname, place.port or 80)
    except OSError as refused:
        raise Unreachable(str(refused)) from refused
    upstream = _Upstream(reader, writer, place.netloc)
    try:
        yield upstream
    finally:
        await upstream.close()


def _listen(port: int) -> socket.socket:
    for candidate in (*range(port, port + 20), 0) if port else (0,):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
        except OSError:
            listener.close()
            continue
        listener.listen(256)
        listener.setblocking(False)
        return listener
    raise OSError(f"no port is free from {port} on")


def _language(scope: Scope) -> str:
    wanted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1").lower()
    return "en" if wanted.startswith("en") else "zh-CN"


def _texts(language: str) -> dict[str, Any]:
    file = Path(__file__).with_name("texts") / f"{language}.json"
    texts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return texts
