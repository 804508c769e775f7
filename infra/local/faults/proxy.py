"""The proxy: everything between functions, embedded AWS, partners and phones goes through it."""

import asyncio
import contextlib
import json
import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import h11

from infra.local.faults.rules import SERVICES, Call, Choice, Kind, Rule

Headers = list[tuple[bytes, bytes]]

FROM = "/_from/"
CHUNK = 1 << 16
HANG_SECONDS = 12.0
_CALLER = re.compile(rb"\bapp/(\S+)")
_ID = re.compile(r"(?<![0-9A-Za-z])(?:(?:app|pay|per)_[0-9A-Z]{26}|L[0-9A-HJ-NPR-Z]{16})"
                 r"(?![0-9A-Za-z])")  # fmt: skip
_OPENS = "ask_partner"


@dataclass(frozen=True)
class Request:
    """One request, whole."""

    method: bytes
    target: bytes
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> bytes:
        return next((value for known, value in self.headers if known == name), b"")


@dataclass(frozen=True)
class Response:
    """One answer, whole."""

    status: int
    headers: Headers
    body: bytes


@dataclass
class Seen:
    """What the proxy has seen: for the invariants, and to enumerate the points of a crash.

    `acknowledged`: messages of partners whose 2xx reached them. `opened`: the invocations in which
    a person's data were opened to send them. `calls`: the calls that each function makes, by
    their place.
    """

    acknowledged: set[str] = field(default_factory=set)
    opened: set[tuple[str, str]] = field(default_factory=set)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    calls: dict[str, dict[int, Call]] = field(default_factory=dict)
    requests: int = 0


class Journeys:
    """Which journey an identifier belongs to: those named together with a known one are its."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._invocations: dict[str, str] = {}

    def begin(self, journey: str, *identifiers: str) -> None:
        for each in identifiers:
            self._of[each] = journey

    def of(self, text: str, invocation: str) -> str:
        """The journey that a request is about, "" for nobody's."""
        named = set(_ID.findall(text))
        known = {self._of[each] for each in named if each in self._of}
        if len(known) == 1:
            (journey,) = known
            for each in named:
                self._of.setdefault(each, journey)
            self._invocations[invocation] = journey
            return journey
        if known:
            return min(known)
        return self._invocations.get(invocation, "") if invocation else ""


class FaultProxy:
    """`with FaultProxy(port, to_port, choice)`: listens on 127.0.0.1 in a thread of its own."""

    def __init__(
        self, port: int, to_port: int, choice: Choice, *, spared: Iterable[str] = ()
    ) -> None:
        self.port = port
        self.choice = choice
        self.seen = Seen()
        self.journeys = Journeys()
        self._to = to_port
        self._spared = frozenset(spared)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="fault-proxy")
        self._later: set[asyncio.Task[Any]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self._thread.start()
        self._up.wait(10)
        return self

    def stop(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(5)
        if not self._thread.is_alive():
            self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", self.port, backlog=512)
        self._up.set()
        await self._over.wait()
        server.close()
        # What is cancelled may have begun something, and somebody may just have called.
        while mine := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in mine:
                task.cancel()
            await asyncio.wait(mine, timeout=1)
        for _, writer in self._idle:
            writer.close()
        await asyncio.sleep(0)

    async def _connection(self, reader: Any, writer: Any) -> None:
        wire = h11.Connection(h11.SERVER, max_incomplete_event_size=CHUNK)
        try:
            while request := await _request(wire, reader, writer):
                if not await self._take(request, wire, writer):
                    break
                if wire.our_state is not h11.DONE or wire.their_state is not h11.DONE:
                    break
                wire.start_next_cycle()
        except (OSError, h11.ProtocolError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # It broke, as it was meant to, or the proxy is at its end.
            return
        finally:
            writer.close()

    async def _take(self, request: Request, wire: h11.Connection, writer: Any) -> bool:
        """Answer one request; False when the connection breaks instead."""
        origin, request = _came_from(request)
        call = self._call(origin, request)
        self.seen.requests += 1
        rule = None if call.origin in self._spared else self.choice.of(call)
        if rule is None:
            answer: Response | None = await self._pass_on(request)
        else:
            self.seen.faults[call.journey, rule.kind] += 1
            answer = await self._fail(rule, call, request, wire, writer)
        if answer is None:
            return False
        await _say(wire, writer, answer)
        if rule is None or rule.kind not in INSTEAD:
            self._note(call, request, answer)
        return True

    def _call(self, origin: str, request: Request) -> Call:
        target = request.header(b"x-amz-target").decode()
        text = (request.target + b" " + request.body).decode("utf-8", "replace")
        invocation = request.header(b"x-local-invocation").decode()
        journey = self.journeys.of(text, invocation)
        if not target:
            path = request.target.decode("latin-1").partition("?")[0]
            _, _, inside = path.partition("$default")
            return Call(origin, "http", f"{request.method.decode()} {_ID.sub('*', inside)}",
                        journey=journey)  # fmt: skip
        service, _, operation = target.partition(".")
        call = Call(
            origin=origin,
            service=SERVICES.get(service.partition("_")[0], service),
            operation=operation,
            tables=_tables(request.body) if service.startswith("Dynamo") else (),
            nth=int(request.header(b"x-local-call") or 0),
            journey=journey,
            invocation=invocation,
        )
        self.seen.calls.setdefault(call.origin, {}).setdefault(call.nth, call)
        return call

    async def _fail(
        self, rule: Rule, call: Call, request: Request, wire: h11.Connection, writer: Any
    ) -> Response | None:
        match rule.kind:
            case Kind.REQUEST_LOST:
                return None
            case Kind.RESPONSE_LOST:
                await self._pass_on(request)
                return None
            case Kind.HALF:
                await _say_half(wire, writer, await self._pass_on(request))
                return None
            case Kind.HANGS:
                await asyncio.sleep(HANG_SECONDS)
                return None
            case Kind.TWICE | Kind.AT_ONCE | Kind.FIVE_TIMES | Kind.REPLAYED:
                return await self._repeated(rule.kind, request)
            case Kind.DELAYED | Kind.SHUFFLED | Kind.SLOW_ANSWER:
                return await self._slowly(rule, call, request)
            case Kind.CRASH_BEFORE | Kind.CRASH_AFTER:
                return await self._crash(rule.kind, request)
            case _:
                return _instead(rule.kind, call)

    async def _repeated(self, kind: Kind, request: Request) -> Response:
        if kind is Kind.TWICE:
            answer = await self._pass_on(request)
            await self._pass_on(request)
            return answer
        if kind is Kind.REPLAYED:
            answer = await self._pass_on(request)
            altered = Request(request.method, request.target, request.headers,
                              request.body.replace(b"PAID", b"OWED")[:-1] + b" }")  # fmt: skip
            self._at_leisure(request, 2)
            self._at_leisure(altered, 1)
            return answer
        times = 5 if kind is Kind.FIVE_TIMES else 2
        answers = await asyncio.gather(*(self._pass_on(request) for _ in range(times)))
        return answers[0]

    def _at_leisure(self, request: Request, seconds: float) -> None:
        async def again() -> None:
            await asyncio.sleep(seconds)
            await self._pass_on(request)

        task = asyncio.ensure_future(again())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _slowly(self, rule: Rule, call: Call, request: Request) -> Response:
        if rule.kind is Kind.SLOW_ANSWER:
            answer = await self._pass_on(request)
            await asyncio.sleep(rule.seconds)
            return answer
        share = self.choice.chance(call, 0) if rule.kind is Kind.SHUFFLED else 1
        await asyncio.sleep(rule.seconds * share)
        return await self._pass_on(request)

    async def _crash(self, kind: Kind, request: Request) -> Response:
        mark = (b"x-local-crash", b"now")
        if kind is Kind.CRASH_BEFORE:
            return Response(500, [mark], b"{}")
        answer = await self._pass_on(request)
        return Response(answer.status, [*answer.headers, mark], answer.body)

    async def _pass_on(self, request: Request) -> Response:
        """Ask the embedded AWS; a connection that it closed meanwhile is replaced once."""
        while self._idle:
            place = self._idle.pop()
            with contextlib.suppress(OSError, h11.RemoteProtocolError):
                return await self._ask(*place, request)
        return await self._ask(*await asyncio.open_connection("127.0.0.1", self._to), request)

    async def _ask(self, reader: Any, writer: Any, request: Request) -> Response:
        wire = h11.Connection(h11.CLIENT)
        headers = [each for each in request.headers if each[0] not in _OF_ONE_CONNECTION]
        headers.append((b"content-length", str(len(request.body)).encode()))
        said = h11.Request(method=request.method, target=request.target, headers=headers)
        data = wire.send(said)
        if request.body:
            data = (data or b"") + (wire.send(h11.Data(data=request.body)) or b"")
        writer.write((data or b"") + (wire.send(h11.EndOfMessage()) or b""))
        await writer.drain()
        response = await _response(wire, reader)
        if wire.our_state is h11.DONE and wire.their_state is h11.DONE:
            self._idle.append((reader, writer))
        else:
            writer.close()
        return response

    def _note(self, call: Call, request: Request, answer: Response) -> None:
        ok = 200 <= answer.status < 300
        if ok and call.origin == "partners":
            self.seen.acknowledged.add(request.header(b"webhook-id").decode())
        if ok and call.origin == _OPENS and call.operation == "Decrypt":
            context = json.loads(request.body).get("EncryptionContext", {})
            self.seen.opened.add((call.invocation, context.get("person", "")))


# Answers that whoever was asked never gave.
INSTEAD: Mapping[Kind, tuple[int, str]] = {
    Kind.ERROR: (500, "InternalServerError"),
    Kind.AWAY: (503, "ServiceUnavailable"),
    Kind.THROTTLED: (400, "ThrottlingException"),
    Kind.DENIED: (400, "AccessDeniedException"),
    Kind.GARBAGE: (200, "garbage"),
    Kind.SWALLOWED: (202, "taken"),
}
_OF_ONE_CONNECTION = frozenset(
    (b"connection", b"content-length", b"transfer-encoding", b"keep-alive", b"expect")
)


def _came_from(request: Request) -> tuple[str, Request]:
    """Who asks: a path that begins with it says so, else the SDK's own application id does."""
    if request.target.startswith(FROM.encode()):
        who, _, rest = request.target[len(FROM) :].partition(b"/")
        plain = Request(request.method, b"/" + rest, request.headers, request.body)
        return who.decode(), plain
    named = _CALLER.search(request.header(b"user-agent"))
    return named.group(1).decode() if named else "", request


def _tables(body: bytes) -> tuple[str, ...]:
    asked = json.loads(body) if body else {}
    parts = [part for each in asked.get("TransactItems", []) for part in each.values()]
    names = {part["TableName"] for part in parts} | set(asked.get("RequestItems", ()))
    if "TableName" in asked:
        names.add(asked["TableName"])
    return tuple(sorted(name.rpartition("-")[2] for name in names))


def _instead(kind: Kind, call: Call) -> Response | None:
    """An answer that whoever was asked never gave; None breaks the connection."""
    http = call.service == "http"
    if kind not in INSTEAD:
        return None
    status, word = INSTEAD[kind]
    if kind is Kind.THROTTLED and http:
        status = 429
    if kind is Kind.DENIED and http:
        status = 403
    kinds = [(b"content-type", b"application/json" if http else b"application/x-amz-json-1.0")]
    if kind is Kind.GARBAGE:
        return Response(status, kinds, b"\x00\xff<html>{" + bytes(range(64)))
    body = {"__type": f"local#{word}", "message": word, "status": word}
    return Response(status, kinds, json.dumps(body).encode())


async def _next(wire: h11.Connection, reader: Any) -> Any:
    while (event := wire.next_event()) is h11.NEED_DATA:
        wire.receive_data(await reader.read(CHUNK))
    return event


async def _request(wire: h11.Connection, reader: Any, writer: Any) -> Request | None:
    head = await _next(wire, reader)
    if not isinstance(head, h11.Request):
        return None
    if wire.they_are_waiting_for_100_continue:
        go_on = h11.InformationalResponse(status_code=100, headers=[])
        writer.write(wire.send(go_on))
    body = b""
    while isinstance(event := await _next(wire, reader), h11.Data):
        body += bytes(event.data)
    return Request(head.method, head.target, list(head.headers), body)


async def _response(wire: h11.Connection, reader: Any) -> Response:
    head = await _next(wire, reader)
    while isinstance(head, h11.InformationalResponse):
        head = await _next(wire, reader)
    if not isinstance(head, h11.Response):
        raise h11.RemoteProtocolError("no answer")
    body = b""
    while isinstance(event := await _next(wire, reader), h11.Data):
        body += bytes(event.data)
    headers = [each for each in head.headers if each[0] not in _OF_ONE_CONNECTION]
    return Response(head.status_code, headers, body)


async def _say(wire: h11.Connection, writer: Any, answer: Response) -> None:
    bodiless = answer.status in {204, 304} or answer.status < 200
    sized = [] if bodiless else [(b"content-length", str(len(answer.body)).encode())]
    head = h11.Response(status_code=answer.status, headers=[*answer.headers, *sized])
    writer.write(wire.send(head))
    if answer.body and not bodiless:
        writer.write(wire.send(h11.Data(data=answer.body)))
    writer.write(wire.send(h11.EndOfMessage()))
    await writer.drain()


async def _say_half(wire: h11.Connection, writer: Any, answer: Response) -> None:
    sized = (b"content-length", str(len(answer.body) + 1).encode())
    head = h11.Response(status_code=answer.status, headers=[*answer.headers, sized])
    writer.write(wire.send(head) or b"")
    writer.write(answer.body[: len(answer.body) // 2])
    await writer.drain()
